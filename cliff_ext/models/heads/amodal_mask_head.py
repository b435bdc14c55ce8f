"""Which cells of a patch show a person, and which cells the whole body covers."""

from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import interpolate

from cliff_ext.registry import MODELS

from ..necks import PartFeatures
from ..necks.top_down import conv_norm


@MODELS.register_module()
class AmodalMaskHead(BaseModule):
    """Two masks of the patch's person: what is seen of the body, and all of it, hidden parts too (the amodal mask).

    Where one person is seen and another one's hidden body is, the first stands in front: see
    :class:`~cliff_ext.apis.OcclusionOrder`.

    Args:
        fine_channels: Channels of the neck's finest map.
        channels: Channels of its merged map.
        hidden: Width of the layers.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, fine_channels: int = 48, channels: int = 128, hidden: int = 64, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.fine = conv_norm(fine_channels, hidden, 3)
        self.merged = conv_norm(channels, hidden, 1)
        self.layers = nn.Sequential(nn.ReLU(inplace=True), conv_norm(hidden, hidden, 3), nn.ReLU(inplace=True),
                                    nn.Conv2d(hidden, 2, 1))

    def forward(self, parts: PartFeatures) -> Tensor:
        """Logits (N, 2, h, w) of the visible and of the amodal mask, from what a :class:`PartAttention` neck sees."""
        fine = self.fine(parts.fine)
        with torch.autocast(fine.device.type, enabled=False):
            merged = interpolate(self.merged(parts.merged.float()), fine.shape[2:])
        return self.layers(fine + merged).float()
