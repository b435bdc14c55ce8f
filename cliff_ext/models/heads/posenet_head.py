"""PoseNet's head: a feature map to a 3D heat map for each joint, and its expectation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mmengine.model import BaseModule
from torch import Tensor, nn

from cliff_ext.registry import MODELS

from .deconv import INIT_CFG, deconv_layers
from .soft_argmax import soft_argmax


@dataclass
class PoseNetHeadOutput:
    """N people's joints.

    Attributes:
        coords: (N, K, 3) x, y, z in places of the heat map, from 0 to the size - 1.
        heatmap_size: (3,) width, height, depth, float32.
    """

    coords: Tensor
    heatmap_size: Tensor

    @property
    def fractions(self) -> Tensor:
        """Joints (N, K, 3): x, y as fractions of the patch, z of the depth range from its near end on."""
        return self.coords / self.heatmap_size

    def mirrored(self, flip_pairs: Sequence[tuple[int, int]], margin: float = 1.) -> Tensor:
        """What a mirrored patch's joints (N, K, 3) are in the patch that is not mirrored, in places.

        Args:
            flip_pairs: Joints that change sides.
            margin: How much less than the heat map's width x and the mirrored x come to together.
        """
        order = list(range(self.coords.shape[1]))
        for left, right in flip_pairs:
            order[left], order[right] = right, left
        coords = self.coords[:, order].clone()
        coords[..., 0] = self.heatmap_size[0] - margin - coords[..., 0]
        return coords


@MODELS.register_module()
class PoseNetHead(BaseModule):
    """3D heat maps by deconvolution, the third axis in the channels [Moon et al., ICCV 2019].

    Args:
        num_joints: K.
        in_channels: Of the last feature map.
        deconv_channels: Of each layer that doubles the map's size; none where the map is fine enough.
        depth_bins: D, the heat map's size along the depth.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, num_joints: int, in_channels: int = 2048, deconv_channels: Sequence[int] = (256, 256, 256),
                 depth_bins: int = 64, init_cfg: dict | list[dict] | None = None) -> None:
        super().__init__(INIT_CFG if init_cfg is None else init_cfg)
        self.num_joints = num_joints
        self.depth_bins = depth_bins
        self.deconv_layers = deconv_layers(in_channels, deconv_channels)
        self.final_layer = nn.Conv2d((in_channels, *deconv_channels)[-1], num_joints * depth_bins, 1)

    def heatmaps(self, feats: Sequence[Tensor]) -> Tensor:
        """Feature maps, of which the last (N, C, h, w) is used, to heat maps (N, K, D, H, W) before the softmax."""
        return self.final_layer(self.deconv_layers(feats[-1])).unflatten(1, (self.num_joints, self.depth_bins))

    def forward(self, feats: Sequence[Tensor]) -> PoseNetHeadOutput:
        """Feature maps to joints."""
        heatmaps = self.heatmaps(feats)
        return PoseNetHeadOutput(soft_argmax(heatmaps), heatmaps.new_tensor(heatmaps.shape[:1:-1]).float())
