"""What CLIFF learns from people of whom everything is known, as of rendered ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss, smooth_l1_loss

from cliff_ext.body_models import SMPLJoints
from cliff_ext.geometry import fit_similarity, transl_to_crop_cam
from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, HumanDataSample

from ..heads import CLIFFHeadOutput
from .human_mesh_loss import HumanTargets

ROOT_WEIGHT = 10.
"""How much more the orientation's columns count than those of another joint."""


@MODELS.register_module()
class RenderedHumanLoss(nn.Module):
    """SMPL's parameters, its 24 joints in space and in the full frame, and the crop's camera, all of them true.

    Made for networks that start from nothing, where :class:`HumanMeshLoss` expects pretrained backbones: a heading half a
    turn off still has a gradient, and no term is ruled by the few worst people. Each term is a mean over people.

    - ``loss_columns``: squared difference of 6D rotations before they are made orthonormal; the root's counts ten times.
    - ``loss_orient``, ``loss_pose``: squared difference of rotation matrices. ``loss_turn``: its root, for the orientation.
    - ``loss_joints``: smooth L1 of joints about the pelvis, metres; ``loss_limbs``: the same with each body's orientation
      taken out; ``loss_aligned``: their distance after the best similarity alignment, as PA-MPJPE has it.
    - ``loss_keypoints2d``: smooth L1 of joints projected through the full frame's camera, in heights of the crop, at most 1.
    - ``loss_camera``: smooth L1 of the crop's camera. ``loss_betas``: squared difference.

    Computed in float32 also under mixed precision. The body's arrays are no part of checkpoints.

    Args:
        body_model: Config of the neutral body.
        columns_weight: Factor of the term; so are the other ``…_weight``.
        orient_weight: See above.
        turn_weight: See above.
        pose_weight: See above.
        joints_weight: See above.
        limbs_weight: See above.
        aligned_weight: See above.
        keypoints2d_weight: See above.
        camera_weight: See above.
        betas_weight: See above.
    """

    def __init__(self, body_model: dict | None = None, columns_weight: float = 2., orient_weight: float = 2.,
                 turn_weight: float = 1., pose_weight: float = 5., joints_weight: float = 20., limbs_weight: float = 20.,
                 aligned_weight: float = 20., keypoints2d_weight: float = 1., camera_weight: float = 1.,
                 betas_weight: float = 0.05) -> None:
        super().__init__()
        self.skeleton = SMPLJoints(MODELS.build(body_model or dict(type='SMPLBody')), ()).requires_grad_(False)
        self.weights = dict(
            columns=columns_weight, orient=orient_weight, turn=turn_weight, pose=pose_weight, joints=joints_weight,
            limbs=limbs_weight, aligned=aligned_weight, keypoints2d=keypoints2d_weight, camera=camera_weight,
            betas=betas_weight)

    def forward(self, output: CLIFFHeadOutput, frame: FullFrame,
                data_samples: Sequence[HumanDataSample]) -> dict[str, Tensor]:
        """Losses by name, weighted.

        Args:
            output: Of the head, N people.
            frame: Where their crops lie.
            data_samples: N samples with ``gt_instances``.

        Raises:
            ValueError: Something is not known of somebody.
        """
        truth = known_targets(data_samples, output.betas.device)
        return self.compare(output, frame, truth.rotmats, truth.betas, truth.transl)

    def compare(self, output: CLIFFHeadOutput, frame: FullFrame, true: Tensor, true_betas: Tensor,
                true_transl: Tensor) -> dict[str, Tensor]:
        """As :meth:`forward`, with the truth as tensors: rotations (N, 24, 3, 3), betas (N, 10), transl (N, 3) metres."""
        with torch.autocast(output.betas.device.type, enabled=False):
            output = CLIFFHeadOutput(*(getattr(output, name).float() for name in output.__dataclass_fields__))
            ours = output.rotmats
            joints, true_joints = (self.skeleton.bones(*body)[1] for body in ((ours, output.betas), (true, true_betas)))
            around, true_around = (places - places[:, :1] for places in (joints, true_joints))
            fit = fit_similarity(joints.detach(), true_joints)
            weight = torch.ones(24, 1, device=ours.device)
            weight[0] = ROOT_WEIGHT
            cam = transl_to_crop_cam(true_transl, frame.center, frame.scale, frame.image_size, frame.focal_length)
            true_points = frame.project(true_joints, cam)
            off = (frame.project(joints, output.crop_cam) - true_points) / frame.box[:, None, None]
            terms = dict(
                columns=(weight * (output.pose6d.unflatten(1, (24, 6)) - true[..., :2].flatten(2)).square()).mean(),
                orient=mse_loss(ours[:, 0], true[:, 0]),
                turn=((ours[:, 0] - true[:, 0]).square().sum((1, 2)) + 1e-4).sqrt().mean(),
                pose=mse_loss(ours[:, 1:], true[:, 1:]),
                joints=smooth_l1_loss(around, true_around, beta=0.05),
                limbs=smooth_l1_loss(around @ ours[:, 0], true_around @ true[:, 0], beta=0.05),
                aligned=(fit.apply(joints) - true_joints).square().sum(-1).add(1e-6).sqrt().mean(),
                keypoints2d=smooth_l1_loss(off.clamp(-1, 1), torch.zeros_like(off), beta=0.1),
                camera=smooth_l1_loss(output.crop_cam, cam, beta=0.1),
                betas=mse_loss(output.betas, true_betas))
            return {f'loss_{name}': self.weights[name] * term for name, term in terms.items()}


@dataclass
class RenderedTargets(HumanTargets):
    """Besides, where people stand."""

    transl: Tensor
    has_transl: Tensor


def known_targets(data_samples: Sequence[HumanDataSample], device: torch.device) -> RenderedTargets:
    """The truth of samples.

    Raises:
        ValueError: Pose, shape or place of somebody is not known.
    """
    truth = RenderedTargets.of(data_samples, device)
    for i, known in enumerate(torch.stack([truth.has_smpl, truth.has_betas, truth.has_transl]).all(0).tolist()):
        if not known:
            raise ValueError(f"data sample {i} ({data_samples[i].get('sample_id', 'unnamed')}) lacks SMPL pose, neutral "
                             'betas or transl: this loss is for rendered people, others train with HumanMeshLoss')
    return truth
