"""PoseNet as an MMEngine model: patches in, joints in the full camera out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.structures import InstanceData
from torch import Tensor

from cliff_ext.geometry import patch_to_camera
from cliff_ext.registry import MODELS
from cliff_ext.structures import AbsolutePoseSample, get_skeleton

from .patch_estimator import PatchEstimator, collect_meta, collect_truth


@MODELS.register_module()
class PoseNet(PatchEstimator):
    """PoseNet of 3DMPPE [Moon et al., ICCV 2019]: joints around a root whose depth is known, by 3D heat maps.

    Args:
        skeleton: Name of the joints, as ``'h36m18'`` or ``'muco21'``.
        depth_range: Metres that the heat map's depth covers, half of them before the root.
        flip_test: Average the joints of the patch and of the mirrored patch.
        exact_flip: Mirror x about the middle of the patch's pixels, as the patch is mirrored. The official code mirrors it
            about the middle of the heat map's places, which moves all joints to the left by
            (1 - heat map's width / patch's width) / 2 places.
        **kwargs: See :class:`PatchEstimator`.

    Raises:
        ValueError: The head has another number of joints than the skeleton.
    """

    def __init__(self, backbone: dict, head: dict, skeleton: str, depth_range: float = 2., flip_test: bool = False,
                 exact_flip: bool = False, **kwargs: dict | None) -> None:
        super().__init__(backbone, head, **kwargs)
        self.skeleton = get_skeleton(skeleton)
        self.depth_range = depth_range
        self.flip_test = flip_test
        self.exact_flip = exact_flip
        if self.head.num_joints != len(self.skeleton):
            raise ValueError(f'the head has {self.head.num_joints} joints, skeleton {skeleton} has {len(self.skeleton)}')

    def estimate(self, inputs: Tensor) -> Tensor:
        """Normalised patches (N, 3, h, w) to joints (N, K, 3): x, y as fractions of the patch, z in metres from the root."""
        out = self.see(inputs)
        if self.flip_test:
            margin = float(out.heatmap_size[0]) / inputs.shape[-1] if self.exact_flip else 1.
            out.coords = (out.coords + self.see(inputs.flip(-1)).mirrored(self.skeleton.flip_pairs, margin)) / 2
        xy, z = out.fractions.split([2, 1], -1)
        return torch.cat([xy, (z - 0.5) * self.depth_range], -1)

    def predict(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> list[AbsolutePoseSample]:
        if not data_samples:
            return []
        root_depth = collect_meta(data_samples, 'root_depth', inputs,
                                  'run RootNet first, or take roots of the annotation or of a json of RootNet')
        points = self.estimate(inputs)
        points[..., 2] += root_depth[:, None]
        camera = (collect_meta(data_samples, name, inputs) for name in ('bbox', 'focal_length', 'principal_point'))
        pixels, joints = patch_to_camera(points, *camera)
        for i, sample in enumerate(data_samples):
            sample.pred_instances = InstanceData(keypoints2d=pixels[i:i + 1], keypoints3d=joints[i:i + 1])
        return list(data_samples)

    def loss(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> dict[str, Tensor]:
        """L1 in places of the heat map."""
        out = self.see(inputs)
        target = collect_truth(data_samples, 'keypoints_patch', inputs)
        xy, z = target.split([2, 1], -1)
        target = torch.cat([xy, z / self.depth_range + 0.5], -1) * out.heatmap_size
        return self.compare(out.coords, target, collect_truth(data_samples, 'keypoints_visible', inputs),
                            collect_truth(data_samples, 'has_depth', inputs))
