"""EfficientNet-Lite, which mmdet lacks: EfficientNet without squeeze-and-excite and with ReLU6."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mmcv.cnn import ConvModule
from mmdet.models.layers import InvertedResidual
from torch import Tensor, nn

from cliff_ext.io import load_checkpoint
from cliff_ext.registry import MODELS

STAGES = ((1, 16, 1, 3, 1), (2, 24, 6, 3, 2), (2, 40, 6, 5, 2), (3, 80, 6, 3, 2), (3, 112, 6, 5, 1), (4, 192, 6, 5, 2),
          (1, 320, 6, 3, 1))
"""Of each stage: blocks, channels, expansion, kernel, stride of its first block."""
STEM = 32
LAYERS = dict(norm_cfg=dict(type='BN', eps=1e-3, momentum=0.01), act_cfg=dict(type='ReLU6'))


@MODELS.register_module()
class EfficientNetLite(nn.Module):
    """EfficientNet-Lite0 up to its last stage [Tan and Le, ICML 2019; tensorflow/tpu, efficientnet/lite].

    Padding is symmetric, where TensorFlow's is not: maps lie half a cell to the left and up of the original's.

    Args:
        out_indices: Stages, counted from 0, whose maps are returned; strides are 2, 4, 8, 16, 16, 32, 32.
        frozen_stages: The stem and so many stages keep their weights and statistics.
    """

    def __init__(self, out_indices: Sequence[int] = (2, 4, 6), frozen_stages: int = 0) -> None:
        super().__init__()
        self.out_indices, self.frozen_stages = tuple(out_indices), frozen_stages
        self.stem = ConvModule(3, STEM, 3, stride=2, padding=1, **LAYERS)
        self.stages, channels = nn.ModuleList(), STEM
        for blocks, width, expand, kernel, stride in STAGES[:max(out_indices) + 1]:
            stage = nn.Sequential()
            for block in range(blocks):
                stage.append(InvertedResidual(channels, width, channels * expand, kernel, stride if block == 0 else 1,
                                              with_expand_conv=expand > 1, **LAYERS))
                channels = width
            self.stages.append(stage)
        for module in self._frozen():
            module.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """(N, 3, H, W) normalised RGB -> one map for each of ``out_indices``."""
        x, maps = self.stem(x), []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in self.out_indices:
                maps.append(x)
        return tuple(maps)

    def train(self, mode: bool = True) -> EfficientNetLite:
        """As :meth:`torch.nn.Module.train`; frozen stages stay in evaluation."""
        super().train(mode)
        for module in self._frozen():
            module.eval()
        return self

    def _frozen(self) -> list[nn.Module]:
        return [self.stem, *self.stages[:self.frozen_stages]] if self.frozen_stages else []


def load_imagenet(backbone: EfficientNetLite, checkpoint: str | Path) -> None:
    """Loads ImageNet weights with the names of ``efficientnet_lite_pytorch`` (TensorFlow's, by way of PyTorch).

    Raises:
        ValueError: The file holds another network.
    """
    state, target = load_checkpoint(checkpoint), backbone.state_dict()
    theirs = [value for key, value in state.items() if key.startswith(('_conv_stem', '_bn0', '_blocks'))][:len(target)]
    if [value.shape for value in theirs] != [value.shape for value in target.values()]:
        raise ValueError(f'{checkpoint}: not EfficientNet-Lite0; its tensors have other shapes')
    backbone.load_state_dict(dict(zip(target, theirs, strict=True)))
