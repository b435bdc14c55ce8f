"""RootNet's head on a neck that has found the joints already."""

from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from cliff_ext.registry import MODELS

from ..necks import first_place
from .rootnet_head import RootNetHeadOutput


@MODELS.register_module()
class PartRootHead(BaseModule):
    """The root's place as :class:`~cliff_ext.models.PartAttention` found it, and the depth's correction from all parts.

    How large somebody looks says how far away they are only together with their pose: who sits or bends fills a smaller box.
    :class:`RootNetHead` reads that from a pooled feature; here it is read from where the joints are and what they look like.
    The correction starts at 1, the box's word.

    Args:
        in_channels: Length of the neck's vector, which begins with the places of its parts, the root first.
        map_size: (width, height) of the neck's finest map.
        hidden: Width of the layers.
        dropout: Rate before the last one.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, in_channels: int, map_size: tuple[int, int], hidden: int = 256, dropout: float = 0.1,
                 init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.map_size = tuple(map_size)
        self.layers = nn.Sequential(nn.Linear(in_channels, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Dropout(dropout),
                                    nn.Linear(hidden, hidden), nn.ReLU())
        self.depth_layer = nn.Linear(hidden, 1)
        nn.init.zeros_(self.depth_layer.weight)
        nn.init.ones_(self.depth_layer.bias)

    def forward(self, vector: Tensor) -> RootNetHeadOutput:
        """The vector (N, C) of a :class:`PartAttention` neck, computed in float32 also under mixed precision."""
        with torch.autocast(vector.device.type, enabled=False):
            size = vector.new_tensor(self.map_size).float()
            return RootNetHeadOutput(first_place(vector) * size, self.depth_layer(self.layers(vector.float()))[:, 0], size)
