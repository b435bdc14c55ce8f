"""3x3 convolutions with four times fewer multiplications, for inference on a CPU."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import pad

TILE = 4
"""Outputs of one tile along each axis; six inputs make them."""
POINTS = (0., 0.75, -0.75, 1.5, -1.5)
"""Where polynomials are evaluated. Lavin's 0, 1, -1, 2, -2 double the rounding error."""
MIN_CHANNELS = 96
"""With fewer channels the transforms cost more than the multiplications they save."""
WORKING_SET = 1 << 19
"""Numbers in a transformed input at a time, so that they stay in a core's cache."""


@cache
def transforms() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Output (4, 6), filter (6, 3) and input (6, 6) transforms of F(4, 3), after Toom and Cook."""
    size = TILE + 2
    output, kernel, inputs = np.zeros((TILE, size)), np.zeros((size, 3)), np.zeros((size, size))
    for column, point in enumerate(POINTS):
        others = [other for other in POINTS if other != point]
        output[:, column] = point**np.arange(TILE)
        kernel[column] = point**np.arange(3) / np.prod([point - other for other in others])
        inputs[column, :-1] = np.poly(others)[::-1]
    output[-1, -1] = kernel[-1, -1] = 1
    inputs[-1] = np.poly(POINTS)[::-1]
    return output, kernel, inputs


class WinogradConv2d(nn.Module):
    """A 3x3 convolution, stride 1 and padding 1, by F(4x4, 3x3) [Lavin and Gray, CVPR 2016] in float32.

    Its root mean square rounding error is about five times a direct convolution's.

    Args:
        conv: The convolution to stand in for; see :meth:`fits`.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        output, kernel, inputs = (torch.from_numpy(matrix) for matrix in transforms())
        weight = torch.einsum('ia,ocab,jb->ijco', kernel, conv.weight.detach().double(), kernel).flatten(0, 1)
        bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
        one = torch.linalg.pinv(output).sum(1)  # becomes ones in every output
        self.register_buffer('weight', weight.float().contiguous())  # (36, in, out)
        self.register_buffer('bias', torch.outer(torch.kron(one, one).float(), bias)[:, None])  # (36, 1, out)
        self.register_buffer('inputs', torch.kron(inputs, inputs).float())
        self.register_buffer('output', torch.kron(output, output).float())

    @staticmethod
    def fits(module: nn.Module) -> bool:
        """Whether a module is a convolution that gains from it."""
        return (isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3) and module.stride == (1, 1)
                and module.padding == (1, 1) and module.dilation == (1, 1) and module.groups == 1
                and module.padding_mode == 'zeros' and min(module.in_channels, module.out_channels) >= MIN_CHANNELS
                and module.weight.dtype == torch.float32 and module.weight.device.type == 'cpu')

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, h, w) to (N, out, h, w), channels last."""
        count, channels, height, width = x.shape
        rows, columns = -(-height // TILE), -(-width // TILE)
        padded = pad(x.permute(0, 2, 3, 1), (0, 0, 1, columns * TILE + 1 - width, 1, rows * TILE + 1 - height))
        out = x.new_empty(count, rows, TILE, columns, TILE, self.weight.shape[2])
        images = max(1, round(WORKING_SET / (len(self.inputs) * rows * columns * channels)))
        for part, target in zip(padded.split(images), out.split(images), strict=True):
            target.copy_(self._convolve(part, rows, columns))
        image = out.flatten(3, 4).flatten(1, 2)[:, :height, :width]
        return image.permute(0, 3, 1, 2)

    def _convolve(self, padded: Tensor, rows: int, columns: int) -> Tensor:
        """(n, 4 rows + 2, 4 columns + 2, in) to (n, rows, 4, columns, 4, out)."""
        count, channels, size = len(padded), padded.shape[-1], TILE + 2
        n, y, x, c = padded.stride()
        tiles = padded.as_strided((size, size, count, rows, columns, channels), (y, x, n, TILE * y, TILE * x, c),
                                  padded.storage_offset())
        spectrum = (self.inputs @ tiles.reshape(size * size, -1)).view(size * size, -1, channels)
        product = torch.baddbmm(self.bias, spectrum, self.weight)
        outputs = (self.output @ product.flatten(1)).view(TILE, TILE, count, rows, columns, -1)
        return outputs.permute(2, 3, 0, 4, 1, 5)


def use_winograd(module: nn.Module) -> None:
    """Puts :class:`WinogradConv2d` in the place of every convolution below that gains from it."""
    for name, child in list(module.named_children()):
        if WinogradConv2d.fits(child):
            setattr(module, name, WinogradConv2d(child))
        else:
            use_winograd(child)
