"""The upsampling that PoseNet's and RootNet's heads share."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

INIT_CFG = [
    dict(type='Normal', layer=['Conv2d', 'ConvTranspose2d'], std=0.001),
    dict(type='Constant', layer='BatchNorm2d', val=1),
]
"""How the heads start, as simple baselines do [Xiao et al., ECCV 2018]."""


def deconv_layers(in_channels: int, channels: Sequence[int]) -> nn.Sequential:
    """Layers that double the map's size each: transposed 4x4 convolution of stride 2, batch norm, ReLU.

    Args:
        in_channels: Of the feature map.
        channels: Of each layer.
    """
    layers: list[nn.Module] = []
    for out_channels in channels:
        layers += [nn.ConvTranspose2d(in_channels, out_channels, 4, stride=2, padding=1, bias=False),
                   nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True)]
        in_channels = out_channels
    return nn.Sequential(*layers)
