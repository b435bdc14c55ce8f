"""RootNet's head: a feature map to the root in the patch, and to how far away it is compared with what the box says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mmengine.model import BaseModule
from torch import Tensor, nn

from cliff_ext.registry import MODELS

from .deconv import INIT_CFG, deconv_layers
from .soft_argmax import soft_argmax


@dataclass
class RootNetHeadOutput:
    """N people's roots.

    Attributes:
        xy: (N, 2) places of the heat map, from 0 to the size - 1.
        gamma: (N,) the depth as a multiple of what the box's size alone says.
        heatmap_size: (2,) width, height, float32.
        masks: (N, 2, h, w) logits of :class:`AmodalMaskHead`, where the network has one.
    """

    xy: Tensor
    gamma: Tensor
    heatmap_size: Tensor
    masks: Tensor | None = None


@MODELS.register_module()
class RootNetHead(BaseModule):
    """2D heat map of the root by deconvolution, and the depth's correction from the pooled feature [Moon et al., ICCV 2019].

    Args:
        in_channels: Of the last feature map.
        deconv_channels: Of each layer that doubles the map's size.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, in_channels: int = 2048, deconv_channels: Sequence[int] = (256, 256, 256),
                 init_cfg: dict | list[dict] | None = None) -> None:
        super().__init__(INIT_CFG if init_cfg is None else init_cfg)
        self.deconv_layers = deconv_layers(in_channels, deconv_channels)
        self.xy_layer = nn.Conv2d(deconv_channels[-1], 1, 1)
        self.depth_layer = nn.Conv2d(in_channels, 1, 1)

    def forward(self, feats: Sequence[Tensor]) -> RootNetHeadOutput:
        """Feature maps, of which the last (N, C, h, w) is used."""
        heatmap = self.xy_layer(self.deconv_layers(feats[-1]))
        gamma = self.depth_layer(feats[-1].mean((2, 3), keepdim=True))[:, 0, 0, 0]
        return RootNetHeadOutput(soft_argmax(heatmap)[:, 0], gamma.float(), heatmap.new_tensor(heatmap.shape[:1:-1]).float())
