"""Necks that turn the coarsest feature map into one vector."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from cliff_ext.registry import MODELS


@MODELS.register_module()
class GlobalPool(nn.Module):
    """Feature maps, of which the last is (N, C, h, w), to their means over all positions (N, C)."""

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        return features[-1].float().mean((2, 3))


@MODELS.register_module()
class FlattenMap(nn.Module):
    """Feature maps, of which the last is (N, C, h, w), to one vector (N, c h w) that still knows where things are.

    A network trained from random weights learns orientation from it far sooner than from a mean over positions.

    Args:
        in_channels: C.
        out_channels: c, channels kept at each position.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        return self.relu(self.norm(self.conv(features[-1].float()))).flatten(1)
