"""Faster inference of a trained network: batch norms folded into convolutions, fused blocks and Winograd, or bfloat16."""

from __future__ import annotations

import copy

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .bfloat16 import warn_of_slow_bfloat16
from .fused_block import use_fused_blocks
from .winograd import use_winograd


def fuse_for_inference(model: BaseModel, dtype: torch.dtype = torch.float32) -> BaseModel:
    """A copy of the model for inference; the given one stays as it is.

    Args:
        model: A trained estimator with a ``backbone``, any mode.
        dtype: ``torch.float32`` changes outputs by rounding only; a model that is on a CPU gets Winograd's wide 3x3
            convolutions, and blocks that add and rectify what they write as they write it. ``torch.bfloat16`` runs the
            backbone in half the bits (about twice as fast where the processor knows it, and a warning where it does not),
            the head stays in float32.

    Raises:
        ValueError: Another type.
    """
    if dtype not in (torch.float32, torch.bfloat16):
        raise ValueError(f'dtype must be float32 or bfloat16, got {dtype}')
    fused = copy.deepcopy(model).eval().requires_grad_(False)
    _fold(fused.backbone)
    if dtype == torch.bfloat16:
        warn_of_slow_bfloat16(next(model.parameters()).device)
    else:
        use_fused_blocks(fused.backbone)
        use_winograd(fused.backbone)
    fused.backbone = _Cast(fused.backbone.to(dtype).to(memory_format=torch.channels_last), dtype)
    return fused


class _Cast(nn.Module):
    """Gives a backbone its input in the type and layout it was prepared for."""

    def __init__(self, backbone: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.backbone = backbone
        self.dtype = dtype

    def forward(self, inputs: Tensor) -> tuple[Tensor, ...]:
        return self.backbone(inputs.to(self.dtype, memory_format=torch.channels_last))


def _fold(module: nn.Module) -> None:
    """Folds every batch norm into the convolution registered right before it, and puts an identity in its place."""
    last: tuple[str, nn.Conv2d] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d):
            last = (name, child)
            continue
        if isinstance(child, nn.BatchNorm2d) and last is not None:
            setattr(module, last[0], fuse_conv_bn_eval(last[1], child))
            setattr(module, name, nn.Identity())
        else:
            _fold(child)
        last = None
