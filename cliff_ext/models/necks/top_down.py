"""Neck that merges feature maps from the coarsest to the finest, as feature pyramids do, into one map."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import interpolate

from cliff_ext.registry import MODELS


@MODELS.register_module()
class TopDown(BaseModule):
    """Feature maps to one map of the finest one's size, which has seen what the coarsest saw [after Lin et al., CVPR 2017].

    Args:
        in_channels: Channels of the maps, finest first, each half as large as the one before.
        channels: Channels of the merged map.
        blocks: Residual convolutions on it.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, in_channels: Sequence[int], channels: int = 128, blocks: int = 2,
                 init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.lateral = nn.ModuleList(conv_norm(c, channels, 1) for c in in_channels)
        self.merge = nn.Sequential(conv_norm(channels, channels, 3), nn.ReLU(inplace=True))
        self.blocks = nn.ModuleList(conv_norm(channels, channels, 3) for _ in range(blocks))

    def merged(self, features: Sequence[Tensor]) -> Tensor:
        """Maps (N, C_i, h_i, w_i), finest first, to (N, ``channels``, h_0, w_0).

        Raises:
            ValueError: Another number of maps than ``in_channels`` says.
        """
        if len(features) != len(self.lateral):
            raise ValueError(f'TopDown was built for {len(self.lateral)} feature maps, got {len(features)}; the backbone\'s '
                             'out_indices must name as many')
        total = None
        for lateral, maps in zip(reversed(self.lateral), reversed(features), strict=True):
            side = lateral(maps.float())
            total = side if total is None else side + interpolate(total, side.shape[2:])
        total = self.merge(total)
        for block in self.blocks:
            total = total + block(total).relu()
        return total

    def forward(self, features: Sequence[Tensor]) -> tuple[Tensor]:
        return (self.merged(features), )


def conv_norm(inputs: int, outputs: int, size: int) -> nn.Sequential:
    """A convolution that keeps the map's size, and batch norm."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False), nn.BatchNorm2d(outputs))
