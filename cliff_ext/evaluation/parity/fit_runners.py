"""Our SMPLify terms and pose prior on the recorded numbers of CLIFF's."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from cliff_ext.body_models import MixturePosePrior, RestPosePrior
from cliff_ext.geometry import project_points
from cliff_ext.models.losses import smplify

from .fixture import Check, Fixture

GMM = Path('assets') / 'data' / 'gmm_08.npz'
TORSO = ('op_joint_indices (RHip, LHip, RShoulder, LShoulder)', 'gt_joint_indices (RHip, LHip, RShoulder, LShoulder)')


def run_smplify(fixture: Fixture) -> list[Check]:
    """Robust error, angles, projection, both losses with their gradients, and the Gaussians where their file is there."""
    given = {key[3:]: torch.from_numpy(value).requires_grad_(value.ndim > 1) for key, value in fixture.arrays.items()
             if key.startswith('in_')}
    keypoints = torch.cat([given['joints_2d'], given['joints_conf'][..., None]], -1).detach()
    focal = given['focal_length'].float().expand(len(keypoints))
    points = project_points(given['model_joints'], focal, given['camera_center'].detach())
    prior = RestPosePrior()(given['body_pose'])
    total = smplify.body_loss(points, keypoints, given['body_pose'], given['betas'], prior).sum()
    groups = tuple(tuple(fixture.info['constants'][name]) for name in TORSO)
    confidence = keypoints[..., 2].clone()
    confidence[:, groups[-1]] = 1  # the reference falls back on these joints even where nobody saw them
    torso = smplify.choose_torso(confidence, groups)
    depth, start = given['camera_t'][:, 2], given['camera_t_est'].detach()[:, 2]
    camera = smplify.camera_loss(points, keypoints, torso, depth, start).sum()
    body_grads = torch.autograd.grad(total, [given[name] for name in ('body_pose', 'betas', 'model_joints')],
                                     retain_graph=True)
    camera_grads = torch.autograd.grad(camera, [given['model_joints'], given['camera_t']])
    found = dict(gmof=smplify.geman_mcclure(given['gmof_x']), angle_prior=smplify.bending_loss(given['body_pose']),
                 projection=points, body_total=total, body_reprojection=smplify.reprojection_loss(points, keypoints),
                 camera_loss=camera)
    names = ('body_pose', 'betas', 'joints_body', 'joints_cam', 'cam_t')
    grads = dict(zip(names, (*body_grads, *camera_grads), strict=True))
    tolerances = dict(angle_prior='gmof')
    checks = [_check(fixture, name, value, tolerances.get(name, name)) for name, value in found.items()]
    checks += [_check(fixture, f'grad_{name}', value, 'grads') for name, value in grads.items()]
    return [*checks, _mixture(fixture, given['prior_poses'])]


def _mixture(fixture: Fixture, poses: Tensor) -> Check:
    file = fixture.folder.parent / GMM
    if not file.is_file():
        return Check.skipped(fixture.name, 'gmm_nll_f64', f'needs {GMM.name} beside the fixtures')
    return _check(fixture, 'gmm_nll_f64', MixturePosePrior(file)(poses.double()), 'gmm_nll_f64')


def _check(fixture: Fixture, output: str, ours: Tensor, tolerance: str) -> Check:
    return Check.compare(fixture.name, output, ours.detach(), fixture.arrays[f'out_{output}'], *fixture.tolerance(tolerance))
