"""What the small CLIFF is trained for: SMPL parameters, joints in space and in the full frame, and helping tasks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, grid_sample, mse_loss, smooth_l1_loss

from cliff_ext.body_models import PARENTS, SMPL
from cliff_ext.geometry import project_points, transl_to_crop_cam
from cliff_ext.models import CLIFFHeadOutput
from cliff_ext.models.estimators.cliff import FullFrame

ASPECT = 0.75
HEADINGS = 12
PARTS = (0, 9, 15, 7, 8)
"""Pelvis, chest, head and ankles: SMPL joints whose headings are asked for."""


class Skeleton24(nn.Module):
    """Joints of SMPL without its mesh, for losses."""

    def __init__(self, body: SMPL) -> None:
        super().__init__()
        regressor = body.body.J_regressor
        self.register_buffer('rest', regressor @ body.body.v_template)
        self.register_buffer('shapes', torch.einsum('jv,vcb->jcb', regressor, body.body.shapedirs))

    def forward(self, global_orient: Tensor, body_pose: Tensor, betas: Tensor) -> Tensor:
        """Joints (N, 24, 3) for SMPL parameters, before the translation."""
        rest = self.rest + torch.einsum('jcb,nb->njc', self.shapes, betas)
        rotation, place = [global_orient], [rest[:, 0]]
        for joint in range(1, 24):
            parent = PARENTS[joint]
            place.append(place[parent] + (rotation[parent] @ (rest[:, joint] - rest[:, parent])[..., None])[..., 0])
            rotation.append(rotation[parent] @ body_pose[:, joint - 1])
        return torch.stack(place, 1)


def losses(out: CLIFFHeadOutput, batch: dict[str, Tensor], frame: FullFrame, skeleton: Skeleton24) -> dict[str, Tensor]:
    """The terms of one refinement step; joints in 2D are compared in the full frame and measured in boxes.

    ``columns`` compares 6D rotations before they are made orthonormal, where a heading half a turn off still has a gradient;
    ``limbs`` compares joints with the body's orientation taken out.
    """
    truth = skeleton(batch['global_orient'], batch['body_pose'], batch['betas'])
    ours = skeleton(out.global_orient, out.body_pose, out.betas)
    transl = frame.transl(out.crop_cam)
    near = batch['transl'][:, 2:]
    transl = torch.cat([transl[:, :2], torch.minimum(torch.maximum(transl[:, 2:], 0.5 * near), 2 * near)], 1)
    centre, box = frame.image_size / 2, frame.scale * 200
    flat = project_points((ours + transl[:, None]).float(), frame.focal_length, centre)
    flat_truth = project_points(truth + batch['transl'][:, None], frame.focal_length, centre)
    camera = transl_to_crop_cam(batch['transl'], frame.center, frame.scale, frame.image_size, frame.focal_length)
    pose = torch.cat([batch['global_orient'][:, None], batch['body_pose']], 1)[..., :2].flatten(2)
    weight = torch.ones(24, 1, device=pose.device)
    weight[0] = 10.
    still = torch.eye(3, device=pose.device).expand_as(out.global_orient)
    return dict(
        columns=2 * (weight * (out.pose6d.unflatten(1, (24, 6)) - pose)**2).mean(),
        limbs=20 * smooth_l1_loss(skeleton(still, out.body_pose, out.betas),
                                  skeleton(still, batch['body_pose'], batch['betas']), beta=0.05),
        orient=5 * mse_loss(out.global_orient, batch['global_orient']),
        pose=5 * mse_loss(out.body_pose, batch['body_pose']),
        joints=20 * smooth_l1_loss(ours - ours[:, :1], truth - truth[:, :1], beta=0.05),
        flat=smooth_l1_loss(((flat - flat_truth) / box[:, None, None]).clamp(-1, 1), torch.zeros_like(flat), beta=0.1),
        camera=smooth_l1_loss(out.crop_cam, camera, beta=0.1),
        betas=0.05 * mse_loss(out.betas, batch['betas']))


class HelpingTasks(nn.Module):
    """Tasks that teach the backbone where joints are and which way body parts face; not part of the shipped network.

    Left from right is learned soon; front from back only once features at a head or a foot must tell which way it points.

    Args:
        map_channels: Channels of the three coarsest feature maps.
        vector_channels: Length of the neck's vector.
    """

    def __init__(self, map_channels: Sequence[int], vector_channels: int) -> None:
        super().__init__()
        self.joints = nn.ModuleList(nn.Conv2d(channels, 24, 1) for channels in map_channels[1:])
        self.facing = nn.ModuleList(PartFacing(channels) for channels in map_channels[:2])
        self.heading = nn.Linear(vector_channels, HEADINGS)

    def forward(self, maps: Sequence[Tensor], vector: Tensor, batch: dict[str, Tensor], skeleton: Skeleton24) -> Tensor:
        """Cross-entropies of each joint's cell, of the headings at parts, and of the body's heading, added up."""
        joints = skeleton(batch['global_orient'], batch['body_pose'], batch['betas']) + batch['transl'][:, None]
        points = project_points(joints, batch['focal'], batch['size'] / 2) - batch['center'][:, None]
        place = points / (batch['scale'] * 200)[:, None, None] / points.new_tensor([ASPECT, 1.]) + 0.5
        sector = heading_sector(part_rotations(batch['global_orient'], batch['body_pose']))
        total = cross_entropy(self.heading(vector), heading_sector(batch['global_orient']))
        for layer, features in zip(self.joints, maps[1:], strict=True):
            total = total + cell_loss(layer(features.float()), place)
        for layer, features in zip(self.facing, maps[:2], strict=True):
            total = total + layer(features.float(), place[:, PARTS], sector)
        return total


class PartFacing(nn.Module):
    """Heading of body parts, from the feature at the part's place alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(len(PARTS), channels, HEADINGS) * 0.02)
        self.bias = nn.Parameter(torch.zeros(len(PARTS), HEADINGS))

    def forward(self, features: Tensor, place: Tensor, sector: Tensor) -> Tensor:
        """Cross-entropy for maps (N, C, h, w), places (N, P, 2) in [0, 1] and sectors (N, P); only places inside count."""
        grid = (place * 2 - 1)[:, :, None]
        sampled = grid_sample(features, grid, align_corners=False, padding_mode='border')[..., 0].transpose(1, 2)
        logits = torch.einsum('npc,pco->npo', sampled, self.weight) + self.bias
        inside = ((place > 0) & (place < 1)).all(-1)
        surprise = cross_entropy(logits.flatten(0, 1), sector.flatten(), reduction='none').view_as(inside)
        return (surprise * inside).sum() / inside.sum().clamp(1)


def part_rotations(global_orient: Tensor, body_pose: Tensor) -> Tensor:
    """Rotations (N, P, 3, 3) of ``PARTS`` in the camera."""
    chain = [global_orient]
    for joint in range(1, 24):
        chain.append(chain[PARENTS[joint]] @ body_pose[:, joint - 1])
    return torch.stack([chain[joint] for joint in PARTS], 1)


def heading_sector(global_orient: Tensor) -> Tensor:
    """Which of ``HEADINGS`` sectors (…,) things turned by (…, 3, 3) face, seen from above."""
    angle = torch.atan2(global_orient[..., 0, 2], global_orient[..., 2, 2])
    return ((angle / (2 * np.pi) + 0.5) * HEADINGS).long().clamp(0, HEADINGS - 1)


def cell_loss(logits: Tensor, place: Tensor) -> Tensor:
    """Cross-entropy between maps (N, K, h, w) and places (N, K, 2) in [0, 1], shared among the four nearest cells.

    Places outside the map are left out.
    """
    height, width = logits.shape[2:]
    inside = ((place > 0) & (place < 1)).all(-1)
    x, y = place[..., 0] * width - 0.5, place[..., 1] * height - 0.5
    across = (1 - (x[..., None] - torch.arange(width, device=x.device)).abs()).clamp(0)
    down = (1 - (y[..., None] - torch.arange(height, device=y.device)).abs()).clamp(0)
    target = (down[..., :, None] * across[..., None, :]).flatten(2)
    target = target / target.sum(-1, keepdim=True).clamp(1e-6)
    surprise = -(target * logits.flatten(2).log_softmax(-1)).sum(-1)
    return (surprise * inside).sum() / inside.sum().clamp(1)
