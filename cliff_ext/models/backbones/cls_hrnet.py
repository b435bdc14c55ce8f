"""HRNet with its classification head's trunk; mmdet has the same network up to the four resolutions."""

from __future__ import annotations

from mmdet.models.backbones import HRNet
from mmdet.models.backbones.resnet import Bottleneck
from torch import Tensor, nn

HEAD_CHANNELS = (32, 64, 128, 256)
OUT_CHANNELS = 2048


def _stage(modules: int, blocks: int, width: int, branches: int) -> dict:
    return dict(num_modules=modules, num_branches=branches, block='BASIC', num_blocks=(blocks, ) * branches,
                num_channels=tuple(width * 2**i for i in range(branches)))


class ClsHRNet(HRNet):
    """Classification HRNet [Wang et al., TPAMI 2020; HRNet-Image-Classification], without its last linear layer.

    Parameter names are those of the official ImageNet and CLIFF checkpoints. Registered by the package's ``__init__``.

    Args:
        width: Channels of the finest resolution (48 for HRNet-W48).
        **kwargs: As :class:`mmdet.models.HRNet`.
    """

    def __init__(self, width: int = 48, **kwargs: object) -> None:
        extra = dict(stage1=dict(num_modules=1, num_branches=1, block='BOTTLENECK', num_blocks=(4, ), num_channels=(64, )),
                     stage2=_stage(1, 4, width, 2), stage3=_stage(4, 4, width, 3), stage4=_stage(3, 4, width, 4))
        super().__init__(extra, **kwargs)
        widths = [width * 2**i for i in range(4)]
        self.incre_modules = nn.ModuleList(
            nn.Sequential(_widen(entry, channels)) for entry, channels in zip(widths, HEAD_CHANNELS, strict=True))
        outputs = [channels * Bottleneck.expansion for channels in HEAD_CHANNELS]
        self.downsamp_modules = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, stride=2, padding=1), nn.BatchNorm2d(b), nn.ReLU(inplace=True))
            for a, b in zip(outputs, outputs[1:], strict=False))
        self.final_layer = nn.Sequential(nn.Conv2d(outputs[-1], OUT_CHANNELS, 1), nn.BatchNorm2d(OUT_CHANNELS),
                                         nn.ReLU(inplace=True))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """(N, 3, H, W) normalised RGB -> ((N, 2048, H / 32, W / 32), )."""
        levels = super().forward(x)
        merged = self.incre_modules[0](levels[0])
        for level, widen, halve in zip(levels[1:], self.incre_modules[1:], self.downsamp_modules, strict=True):
            merged = widen(level) + halve(merged)
        return (self.final_layer(merged), )


def _widen(channels: int, planes: int) -> Bottleneck:
    out = planes * Bottleneck.expansion
    shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, bias=False), nn.BatchNorm2d(out))
    return Bottleneck(channels, planes, downsample=shortcut)
