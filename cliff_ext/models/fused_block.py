"""Residual blocks whose ReLUs and additions cost no pass over the memory of their own, for inference on a CPU."""

from __future__ import annotations

import sys
from functools import cache

import torch
from torch import Tensor, nn

from .winograd import WinogradConv2d


class FusedConv2d(nn.Module):
    """A convolution that adds a residual and applies a ReLU to what it writes (oneDNN's post-operations).

    Args:
        conv: The convolution to stand in for; see :meth:`fits`.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.register_buffer('weight', conv.weight.detach())
        self.register_buffer('bias', None if conv.bias is None else conv.bias.detach())
        self.geometry = (list(conv.padding), list(conv.stride), list(conv.dilation), conv.groups)

    @staticmethod
    def fits(module: nn.Module) -> bool:
        """Whether a module is a convolution that this PyTorch fuses."""
        return (isinstance(module, nn.Conv2d) and module.padding_mode == 'zeros' and not isinstance(module.padding, str)
                and module.weight.dtype == torch.float32 and module.weight.device.type == 'cpu' and fuses())

    def forward(self, x: Tensor, residual: Tensor | None = None, relu: bool = False, overwrite: bool = False) -> Tensor:
        """(N, in, h, w) to (N, out, h', w'), channels last; arguments as :meth:`WinogradConv2d.forward`."""
        ops, layer = torch.ops.mkldnn, (self.weight, self.bias, *self.geometry)
        if residual is None:
            return ops._convolution_pointwise(x, *layer, 'relu' if relu else 'none', [], '')
        after = ('add', 1., 'relu' if relu else None, [], '')
        if overwrite:
            return ops._convolution_pointwise_.binary(residual, x, *layer, *after)
        return ops._convolution_pointwise.binary(x, residual, *layer, *after)


class FusedBlock(nn.Module):
    """A basic or bottleneck block after its batch norms were folded.

    Args:
        block: The block to stand in for; see :meth:`fits`.
        overwrite: Whether nobody else reads the block's input, so that outputs may take its place in memory.
    """

    def __init__(self, block: nn.Module, overwrite: bool) -> None:
        super().__init__()
        self.convs = nn.ModuleList(WinogradConv2d(conv) if WinogradConv2d.fits(conv) else FusedConv2d(conv)
                                   for conv in _convolutions(block))
        self.downsample = block.downsample
        self.overwrite = overwrite or block.downsample is not None

    @staticmethod
    def fits(module: nn.Module) -> bool:
        """Whether a module is a block of plain convolutions, each followed by nothing but a ReLU, that can be fused."""
        if type(module) not in _block_types() or getattr(module, 'with_plugins', False):
            return False
        convs = _convolutions(module)
        norms = [getattr(module, f'norm{number}') for number in range(1, len(convs) + 1)]
        return (isinstance(module.relu, nn.ReLU) and all(isinstance(norm, nn.Identity) for norm in norms)
                and all(FusedConv2d.fits(conv) for conv in convs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, h, w) to (N, out, h', w'), channels last."""
        out = x
        for conv in self.convs[:-1]:
            out = conv(out, relu=True)
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.convs[-1](out, shortcut, relu=True, overwrite=self.overwrite)


@cache
def fuses() -> bool:
    """Whether this PyTorch has oneDNN's convolutions with residual and ReLU, and they give what they should."""
    with torch.random.fork_rng(devices=[]):
        conv = nn.Conv2d(8, 8, 3, padding=1).requires_grad_(False).to(memory_format=torch.channels_last)
        images, residual = (torch.randn(2, 8, 6, 5).to(memory_format=torch.channels_last) for _ in range(2))
    fused, plain = FusedConv2d(conv), conv(images)
    try:
        results = [fused(images, relu=True), fused(images, residual, relu=True),
                   fused(images, residual.clone(), relu=True, overwrite=True)]
    except (AttributeError, RuntimeError):
        return False
    truths = plain, plain + residual, plain + residual
    return all(torch.allclose(a, b.relu(), atol=1e-5) for a, b in zip(results, truths, strict=True))


def use_fused_blocks(module: nn.Module) -> None:
    """Puts :class:`FusedBlock` in the place of every block below that can be fused."""
    last: nn.Module | None = None
    for name, child in list(module.named_children()):
        if FusedBlock.fits(child):
            child = FusedBlock(child, overwrite=isinstance(module, nn.Sequential) and isinstance(last, FusedBlock))
            setattr(module, name, child)
        else:
            use_fused_blocks(child)
        last = child


def _block_types() -> tuple[type[nn.Module], ...]:
    """mmdet's basic and bottleneck block; none where mmdet was never imported, as then no network holds one."""
    resnet = sys.modules.get('mmdet.models.backbones.resnet')
    return () if resnet is None else (resnet.BasicBlock, resnet.Bottleneck)


def _convolutions(block: nn.Module) -> list[nn.Module]:
    """Two of a basic block, three of a bottleneck."""
    return [conv for name in ('conv1', 'conv2', 'conv3') if (conv := getattr(block, name, None)) is not None]
