"""Neck that turns the coarsest feature map into one vector."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from cliff_ext.registry import MODELS


@MODELS.register_module()
class GlobalPool(nn.Module):
    """Feature maps, of which the last is (N, C, h, w), to their means over all positions (N, C)."""

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        return features[-1].float().mean((2, 3))
