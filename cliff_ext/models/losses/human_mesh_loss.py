"""What CLIFF is trained for: SMPL's parameters, its joints in space, and their places in the full frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, HumanDataSample, get_skeleton

from ..heads import CLIFFHeadOutput

OPENPOSE = 25
"""The first joints of ``spin49`` are OpenPose's, the other 24 the data sets'."""
HIPS = [get_skeleton('spin49').index(name) for name in ('gt_right_hip', 'gt_left_hip')]


@dataclass
class HumanTargets:
    """The truth of N people, as :class:`HumanDataSample` describes it, each field with N first."""

    global_orient: Tensor
    body_pose: Tensor
    betas: Tensor
    keypoints2d: Tensor
    keypoints3d: Tensor
    has_smpl: Tensor
    has_betas: Tensor
    has_keypoints3d: Tensor

    @classmethod
    def of(cls, data_samples: Sequence[HumanDataSample], device: torch.device) -> HumanTargets:
        """Collects the truth of data samples. Betas of male and female bodies count as unknown, as the body is neutral.

        Raises:
            ValueError: A sample lacks a field.
        """
        for i, sample in enumerate(data_samples):
            missing = [name for name in cls.__dataclass_fields__ if name not in sample.get('gt_instances', ())]
            if missing:
                raise ValueError(f"data sample {i} ({sample.get('sample_id', 'unnamed')}) has no {', '.join(missing)} in "
                                 'gt_instances: load it with HumanMeshDataset and pack it with PackHumanInputs')
        fields = {name: torch.cat([sample.gt_instances[name] for sample in data_samples]).to(device).float()
                  for name in cls.__dataclass_fields__}
        neutral = torch.tensor([sample.get('gender', 'neutral') == 'neutral' for sample in data_samples], device=device)
        fields['has_betas'] = fields['has_betas'] * neutral
        return cls(**fields)

    @property
    def rotmats(self) -> Tensor:
        """All 24 rotations (N, 24, 3, 3)."""
        return torch.cat([self.global_orient[:, None], self.body_pose], 1)


@MODELS.register_module()
class HumanMeshLoss(nn.Module):
    """SPIN's losses [Kolotouros et al., ICCV 2019] with CLIFF's projection [Li et al., ECCV 2022].

    Every term is a mean over the people of the batch who have that kind of truth, and zero if nobody has. The default
    weights are SPIN's, its common factor of 60 multiplied in.

    - ``loss_keypoints2d``: squared distance between projected and given keypoints, in half heights of the person's box,
      times the confidence, mean over all 49 joints. A box's height is the unit wherever the box lies and however large
      the image is. (BEDLAM multiplies the squared error in image units with image size over box size, once, so its unit
      depends on the image's size.)
    - ``loss_keypoints3d``: squared distance of the 24 joints that data sets give, both bodies seen from the middle of
      their hips; people without hips are left out.
    - ``loss_pose``: squared difference of rotation matrices, global orientation included.
    - ``loss_betas``: squared difference. ``loss_vertices``: L1 between bodies posed at the origin.
    - ``loss_camera``: exp(-10 s)², which keeps the crop camera's scale s positive.

    Computed in float32 also under mixed precision. The body's arrays are no part of checkpoints.

    Args:
        body_model: Config of the neutral body that is posed.
        keypoints2d_weight: Factor of the term; so are the other ``…_weight``.
        keypoints3d_weight: See above.
        pose_weight: See above.
        betas_weight: See above.
        vertices_weight: See above; 0 saves the posing of the true body.
        camera_weight: See above.
        openpose_weight: Factor on the 2D confidences of OpenPose's 25 joints; SPIN trusts only the other 24.
        full_frame: Project through the full frame's camera, which is what makes global orientation right. False projects
            in the crop, as HMR and SPIN do, which the paper compares with.
    """

    def __init__(self, body_model: dict | None = None, keypoints2d_weight: float = 300., keypoints3d_weight: float = 300.,
                 pose_weight: float = 60., betas_weight: float = 0.06, vertices_weight: float = 0.,
                 camera_weight: float = 60., openpose_weight: float = 0., full_frame: bool = True) -> None:
        super().__init__()
        self.body = MODELS.build(body_model or dict(type='SMPLBody')).requires_grad_(False)
        self.weights = dict(keypoints2d=keypoints2d_weight, keypoints3d=keypoints3d_weight, pose=pose_weight,
                            betas=betas_weight, vertices=vertices_weight, camera=camera_weight)
        self.openpose_weight = openpose_weight
        self.full_frame = full_frame

    def forward(self, output: CLIFFHeadOutput, frame: FullFrame,
                data_samples: Sequence[HumanDataSample]) -> dict[str, Tensor]:
        """Losses by name, weighted; terms of weight 0 are left out.

        Args:
            output: Of the head, N people.
            frame: Where their crops lie.
            data_samples: N samples with ``gt_instances``.

        Raises:
            ValueError: A sample lacks a field.
        """
        with torch.autocast(output.betas.device.type, enabled=False):
            output = CLIFFHeadOutput(*(getattr(output, name).float() for name in output.__dataclass_fields__))
            truth = HumanTargets.of(data_samples, output.betas.device)
            body = self.body(output.global_orient, output.body_pose, output.betas)
            project = frame.project if self.full_frame else frame.project_in_crop
            terms = dict(
                keypoints2d=self._keypoints2d(project(body.joints, output.crop_cam), truth.keypoints2d, frame.box),
                keypoints3d=_keypoints3d(body.joints, truth),
                pose=masked_mean(output.rotmats.sub(truth.rotmats).square(), truth.has_smpl),
                betas=masked_mean((output.betas - truth.betas).square(), truth.has_betas),
                camera=torch.exp(-10 * output.crop_cam[:, 0]).square().mean())
            if self.weights['vertices']:
                true_body = self.body(truth.global_orient, truth.body_pose, truth.betas)
                off = (body.vertices - true_body.vertices).abs()
                terms['vertices'] = masked_mean(off, truth.has_smpl * truth.has_betas)
            return {f'loss_{name}': self.weights[name] * term for name, term in terms.items() if self.weights[name]}

    def _keypoints2d(self, points: Tensor, keypoints: Tensor, box: Tensor) -> Tensor:
        """Points (N, 49, 2) against keypoints (N, 49, 3), pixels, in half boxes (N,)."""
        confidence = keypoints[..., 2:].clone()
        confidence[:, :OPENPOSE] *= self.openpose_weight
        off = (points - keypoints[..., :2]) * (2 / box)[:, None, None]
        return (confidence * off.square()).mean()


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of values (N, …) over everything of the people with mask (N,) 1; zero if there are none."""
    return (values.flatten(1).mean(1) * mask).sum() / mask.sum().clamp(min=1)


def _keypoints3d(joints: Tensor, truth: HumanTargets) -> Tensor:
    points, confidence = truth.keypoints3d[..., :3], truth.keypoints3d[..., 3:]
    known = truth.has_keypoints3d * (confidence[:, HIPS, 0] > 0).all(1)
    points, joints = (value - value[:, HIPS].mean(1, keepdim=True) for value in (points, joints))
    return masked_mean((confidence * (joints - points).square())[:, OPENPOSE:], known)
