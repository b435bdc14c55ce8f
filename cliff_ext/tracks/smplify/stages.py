"""Stages of a fit: which of a body's parameters move, and what they are to make small."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from cliff_ext.body_models import SMPLJoints
from cliff_ext.geometry import project_points, rotvec_to_rotmat
from cliff_ext.models.losses import smplify
from cliff_ext.registry import MODELS, TASK_UTILS
from cliff_ext.structures import get_skeleton

from .minimize import Minimizer
from .windows import FREE, FitBatch

NEAREST = 0.1
"""Metres; nothing is projected from nearer than this."""
TORSO = ('right_hip', 'left_hip', 'right_shoulder', 'left_shoulder')
SPIN49 = get_skeleton('spin49').joint_names


@dataclass
class Posed:
    """Bodies of a batch on their way.

    Attributes:
        points: (B, F, K, 2) projected joints, pixels.
        rotmats: (B, F, 24, 3, 3).
        body_pose: (B, F, 69).
        betas: (B, 1, 10).
        transl: (B, F, 3).
    """

    points: Tensor
    rotmats: Tensor
    body_pose: Tensor
    betas: Tensor
    transl: Tensor


class Stage(ABC):
    """Moves some parameters of all windows down a loss. Register with ``TASK_UTILS``.

    Args:
        free: Which of ``global_orient``, ``body_pose``, ``betas``, ``transl`` move.
        iterations: Evaluations of the loss.

    Raises:
        ValueError: Other names, or nothing to do.
    """

    def __init__(self, free: Sequence[str], iterations: int) -> None:
        if not free or set(free) - set(FREE) or iterations < 1:
            raise ValueError(f'{type(self).__name__}: free must be some of {", ".join(FREE)} and iterations at least 1, got '
                             f'{list(free)} and {iterations}')
        self.free = tuple(free)
        self.iterations = iterations

    @abstractmethod
    def loss(self, posed: Posed, batch: FitBatch, joints: Sequence[int]) -> Tensor:
        """Loss (B,) of the windows; ``joints`` are the indices into ``spin49`` of the K keypoints."""

    def to(self, device: str) -> Stage:
        """Moves what has weights."""
        return self

    def __call__(self, body: SMPLJoints, batch: FitBatch, minimizer: Minimizer,
                 fixed: Sequence[str] = ()) -> FitBatch:
        """The batch with new parameters and its loss; parameters in ``fixed`` do not move even where they are free."""
        names = [name for name in self.free if name not in fixed]
        start = {name: torch.zeros_like(batch.transl) if name == 'global_orient' else getattr(batch, name) for name in FREE}
        sizes = [start[name][0].numel() for name in names]

        def parameters(point: Tensor) -> dict[str, Tensor]:
            parts = point.split(sizes, 1)
            moved = {name: part.reshape(start[name].shape) for name, part in zip(names, parts, strict=True)}
            return {**start, **moved}

        def loss(point: Tensor) -> Tensor:
            return self.loss(pose(body, batch, **parameters(point)), batch, body.joints)

        first = torch.cat([start[name].flatten(1) for name in names], 1)
        found = minimizer(loss, first, self.iterations)
        with torch.no_grad():
            values = parameters(found)
            turned = batch.global_orient @ rotvec_to_rotmat(values['global_orient'])
            return replace(batch, **{**values, 'global_orient': turned}, loss=loss(found))


def pose(body: SMPLJoints, batch: FitBatch, global_orient: Tensor, body_pose: Tensor, betas: Tensor,
         transl: Tensor) -> Posed:
    """Bodies from parameters; ``global_orient`` (B, F, 3) is a turn, axis-angle, after the batch's own orientation."""
    count, frames = transl.shape[:2]
    root = batch.global_orient @ rotvec_to_rotmat(global_orient)
    rotmats = torch.cat([root[:, :, None], rotvec_to_rotmat(body_pose.unflatten(2, (23, 3)))], 2)
    joints = body(rotmats.flatten(0, 1), betas.expand(-1, frames, -1).flatten(0, 1), transl.flatten(0, 1))
    joints = joints.unflatten(0, (count, frames))
    safe = torch.cat([joints[..., :2], joints[..., 2:].clamp(min=NEAREST)], -1)
    return Posed(project_points(safe, batch.focal_length, batch.principal_point), rotmats, body_pose, betas, transl)


@TASK_UTILS.register_module()
class CameraStage(Stage):
    """Places the body by its torso: squared pixel error of hips and shoulders, and a pull on the depth.

    Args:
        free: As in :class:`Stage`.
        iterations: As in :class:`Stage`.
        acceleration: Weight of the translation's acceleration, pixels squared a (m / frame^2)^2.
    """

    def __init__(self, free: Sequence[str] = ('global_orient', 'transl'), iterations: int = 100,
                 acceleration: float = 0.) -> None:
        super().__init__(free, iterations)
        self.acceleration = acceleration

    def loss(self, posed: Posed, batch: FitBatch, joints: Sequence[int]) -> Tensor:
        torso = smplify.choose_torso(batch.keypoints[..., 2], torso_groups(joints))
        loss = smplify.camera_loss(posed.points, batch.keypoints, torso, posed.transl[..., 2], batch.transl[..., 2]).sum(1)
        return loss + self.acceleration * smplify.motion_energy(posed.transl, 2)


def torso_groups(joints: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Columns of the hips and shoulders among ``joints``, OpenPose's and the data sets', where all four are there."""
    names = [SPIN49[j] for j in joints]
    wanted = [TORSO, tuple(f'gt_{name}' for name in TORSO)]
    return tuple(tuple(names.index(name) for name in group) for group in wanted if set(group) <= set(names))


@TASK_UTILS.register_module()
class BodyStage(Stage):
    """Bends the body to all keypoints, held by what poses, shapes and motions are likely.

    Args:
        pose_prior: Config of a module from poses (..., 69) to (...).
        free: As in :class:`Stage`.
        iterations: As in :class:`Stage`.
        sigma: Pixels at which the robust error flattens.
        ignored: Names of ``spin49`` that are annotated too differently to be followed.
        pose_weight: Of the prior.
        shape_weight: Of the squared betas.
        bend_weight: Of elbows and knees bent the wrong way.
        anchor: Weight of staying near the estimate that the fit began with: squared distance of rotation matrices.
        shape_anchor: The same for betas.
        depth_anchor: The same for the distance from the camera, a metre squared.
        velocity: Weights of pose (rotation matrices) and translation (metres) for their squared velocity.
        acceleration: The same for their squared acceleration.
    """

    IGNORED = ('neck', 'right_hip', 'left_hip', 'gt_right_hip', 'gt_left_hip')

    def __init__(self, pose_prior: dict[str, Any] | None = None,
                 free: Sequence[str] = ('global_orient', 'body_pose', 'betas'), iterations: int = 100,
                 sigma: float = smplify.SIGMA, ignored: Sequence[str] = IGNORED,
                 pose_weight: float = smplify.POSE_WEIGHT, shape_weight: float = smplify.SHAPE_WEIGHT,
                 bend_weight: float = smplify.BEND_WEIGHT, anchor: float = 0., shape_anchor: float = 0.,
                 depth_anchor: float = 0., velocity: tuple[float, float] = (0., 0.),
                 acceleration: tuple[float, float] = (0., 0.)) -> None:
        super().__init__(free, iterations)
        unknown = set(ignored) - set(SPIN49)
        if unknown:
            raise ValueError(f'BodyStage: spin49 has no joints {sorted(unknown)} to ignore')
        self.prior: nn.Module = MODELS.build(pose_prior or dict(type='MixturePosePrior'))
        self.sigma, self.ignored = sigma, frozenset(ignored)
        self.pose_weight, self.shape_weight, self.bend_weight = pose_weight, shape_weight, bend_weight
        self.anchor, self.shape_anchor, self.depth_anchor = anchor, shape_anchor, depth_anchor
        self.velocity, self.acceleration = tuple(velocity), tuple(acceleration)

    def to(self, device: str) -> BodyStage:
        """Moves the prior."""
        self.prior.to(device)
        return self

    def loss(self, posed: Posed, batch: FitBatch, joints: Sequence[int]) -> Tensor:
        followed = posed.points.new_tensor([SPIN49[j] not in self.ignored for j in joints])
        confidence = batch.keypoints[..., 2:] * followed[:, None]
        frame = smplify.body_loss(posed.points, torch.cat([batch.keypoints[..., :2], confidence], -1), posed.body_pose,
                                  posed.betas, self.prior(posed.body_pose), self.sigma, self.pose_weight, self.shape_weight,
                                  self.bend_weight)
        if self.shape_anchor:
            frame = frame + self.shape_anchor * (posed.betas - batch.betas).square().sum(-1)
        if self.depth_anchor:
            frame = frame + self.depth_anchor * (posed.transl[..., 2] - batch.transl[..., 2]).square()
        if self.anchor:
            frame = frame + self.anchor * batch.observed * (posed.rotmats - batch.estimate).square().sum((2, 3, 4))
        return frame.sum(1) + self._motion(posed)

    def _motion(self, posed: Posed) -> Tensor | float:
        energy: Tensor | float = 0.
        for order, weights in ((1, self.velocity), (2, self.acceleration)):
            for weight, values in zip(weights, (posed.rotmats, posed.transl), strict=True):
                if weight:
                    energy = energy + weight * smplify.motion_energy(values, order)
        return energy
