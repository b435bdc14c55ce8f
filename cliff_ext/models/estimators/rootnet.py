"""RootNet as an MMEngine model: patches in, roots in the full camera out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.structures import InstanceData
from torch import Tensor

from cliff_ext.geometry import patch_to_camera, root_depth_factor
from cliff_ext.registry import MODELS
from cliff_ext.structures import AbsolutePoseSample

from ..heads import RootNetHeadOutput
from .patch_estimator import PatchEstimator, collect_meta, collect_truth

MM = 1e3
"""The loss speaks millimetres, as the official checkpoints were trained."""


@MODELS.register_module()
class RootNet(PatchEstimator):
    """RootNet of 3DMPPE [Moon et al., ICCV 2019]: where a person's root is in the camera, from the box's size and the image.

    Args:
        real_size: Side, in metres, of the square that people are taken to fill.
        flip_test: Average ``gamma`` of the patch and of the mirrored patch; the root's pixel is the patch's own.
        **kwargs: See :class:`PatchEstimator`.
    """

    def __init__(self, backbone: dict, head: dict, real_size: float = 2., flip_test: bool = False,
                 **kwargs: dict | None) -> None:
        super().__init__(backbone, head, **kwargs)
        self.real_size = real_size
        self.flip_test = flip_test

    def depth(self, out: RootNetHeadOutput, data_samples: Sequence[AbsolutePoseSample]) -> Tensor:
        """Depth (N,) of the roots, metres."""
        bbox, focal_length = (collect_meta(data_samples, name, out.gamma) for name in ('bbox', 'focal_length'))
        return out.gamma * root_depth_factor(bbox, focal_length, self.real_size)

    def predict(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> list[AbsolutePoseSample]:
        if not data_samples:
            return []
        out = self.see(inputs)
        if self.flip_test:
            out.gamma = (out.gamma + self.see(inputs.flip(-1)).gamma) / 2
        points = torch.cat([out.xy / out.heatmap_size, self.depth(out, data_samples)[:, None]], -1)[:, None]
        camera = (collect_meta(data_samples, name, inputs) for name in ('bbox', 'focal_length', 'principal_point'))
        pixels, roots = patch_to_camera(points, *camera)
        for i, sample in enumerate(data_samples):
            sample.pred_instances = InstanceData(root2d=pixels[i], root3d=roots[i], gamma=out.gamma[i:i + 1])
        return list(data_samples)

    def loss(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> dict[str, Tensor]:
        """L1 of x and y in places of the heat map, of the depth in millimetres."""
        out = self.see(inputs)
        pred = torch.cat([out.xy, MM * self.depth(out, data_samples)[:, None]], -1)
        target = collect_truth(data_samples, 'root_patch', inputs)
        target = torch.cat([target[:, :2] * out.heatmap_size, MM * target[:, 2:]], -1)
        return self.compare(pred[:, None], target[:, None], collect_truth(data_samples, 'root_visible', inputs)[:, None],
                            collect_truth(data_samples, 'has_depth', inputs))
