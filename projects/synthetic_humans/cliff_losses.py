"""What the small CLIFF is trained for: SMPL parameters, joints in space and in the full frame, and helping tasks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss, smooth_l1_loss

from cliff_ext.body_models import PARENTS, SMPL
from cliff_ext.geometry import project_points, transl_to_crop_cam
from cliff_ext.models import CLIFFHeadOutput, PartFeatures
from cliff_ext.structures import FullFrame

ASPECT = 0.75
HEADINGS = 12
PARTS = (0, 9, 15, 7, 8)
"""Pelvis, chest, head and ankles: SMPL joints whose headings are asked for."""


@dataclass
class Posed:
    """A posed skeleton: joints (N, 24, 3), rotations (N, 24, 3, 3) from the rest pose."""

    joints: Tensor
    rotations: Tensor

    @property
    def upright(self) -> Tensor:
        """Joints (N, 24, 3) around the pelvis with the body's orientation taken out."""
        return (self.joints - self.joints[:, :1]) @ self.rotations[:, 0]


class Skeleton24(nn.Module):
    """Joints of SMPL without its mesh, for losses."""

    def __init__(self, body: SMPL) -> None:
        super().__init__()
        regressor = body.body.J_regressor
        self.register_buffer('rest', regressor @ body.body.v_template)
        self.register_buffer('shapes', torch.einsum('jv,vcb->jcb', regressor, body.body.shapedirs))

    def forward(self, global_orient: Tensor, body_pose: Tensor, betas: Tensor) -> Posed:
        """Joints and their rotations for SMPL parameters, before the translation."""
        rest = self.rest + torch.einsum('jcb,nb->njc', self.shapes, betas)
        bones = rest - rest[:, PARENTS]
        rotation, place = [global_orient], [rest[:, 0]]
        for joint in range(1, 24):
            parent = PARENTS[joint]
            place.append(place[parent] + (rotation[parent] @ bones[:, joint, :, None])[..., 0])
            rotation.append(rotation[parent] @ body_pose[:, joint - 1])
        return Posed(torch.stack(place, 1), torch.stack(rotation, 1))


def losses(out: CLIFFHeadOutput, batch: dict[str, Tensor], truth: Posed, ours: Posed, frame: FullFrame) -> dict[str, Tensor]:
    """The terms of one refinement step; joints in 2D are compared in the full frame and measured in boxes.

    ``columns`` compares 6D rotations before they are made orthonormal, where a heading half a turn off still has a gradient;
    ``turn`` grows with the angle between orientations, which few wrong by half a turn do not rule as they rule ``orient``;
    ``limbs`` compares joints with the body's orientation taken out.
    """
    transl = frame.transl(out.crop_cam)
    near = batch['transl'][:, 2:]
    transl = torch.cat([transl[:, :2], torch.minimum(torch.maximum(transl[:, 2:], 0.5 * near), 2 * near)], 1)
    centre, box = frame.image_size / 2, frame.scale * 200
    flat = project_points((ours.joints + transl[:, None]).float(), frame.focal_length, centre)
    flat_truth = project_points(truth.joints + batch['transl'][:, None], frame.focal_length, centre)
    camera = transl_to_crop_cam(batch['transl'], frame.center, frame.scale, frame.image_size, frame.focal_length)
    pose = torch.cat([batch['global_orient'][:, None], batch['body_pose']], 1)[..., :2].flatten(2)
    weight = torch.ones(24, 1, device=pose.device)
    weight[0] = 10.
    return dict(
        columns=2 * (weight * (out.pose6d.unflatten(1, (24, 6)) - pose)**2).mean(),
        limbs=20 * smooth_l1_loss(ours.upright, truth.upright, beta=0.05),
        orient=2 * mse_loss(out.global_orient, batch['global_orient']),
        turn=((out.global_orient - batch['global_orient']).square().sum((1, 2)) + 1e-4).sqrt().mean(),
        pose=5 * mse_loss(out.body_pose, batch['body_pose']),
        joints=20 * smooth_l1_loss(ours.joints - ours.joints[:, :1], truth.joints - truth.joints[:, :1], beta=0.05),
        flat=smooth_l1_loss(((flat - flat_truth) / box[:, None, None]).clamp(-1, 1), torch.zeros_like(flat), beta=0.1),
        camera=smooth_l1_loss(out.crop_cam, camera, beta=0.1),
        betas=0.05 * mse_loss(out.betas, batch['betas']))


class HelpingTasks(nn.Module):
    """Tasks that teach the neck where joints are, how deep, and which way body parts face; not part of the shipped network.

    Left from right is learned soon; front from back only once features at a head or a foot must tell which way it points.

    Args:
        part_channels: Features of each part.
        vector_channels: Length of the neck's vector.
    """

    def __init__(self, part_channels: int, vector_channels: int) -> None:
        super().__init__()
        self.facing = nn.Parameter(torch.randn(len(PARTS), part_channels, HEADINGS) * 0.02)
        self.facing_bias = nn.Parameter(torch.zeros(len(PARTS), HEADINGS))
        self.depth = nn.Parameter(torch.zeros(24, part_channels))
        self.heading = nn.Linear(vector_channels, HEADINGS)

    def forward(self, parts: PartFeatures, vector: Tensor, batch: dict[str, Tensor], truth: Posed) -> Tensor:
        """Cross-entropies of each joint's cell, of headings at parts and of the body's; distances in 2D; depth; added up."""
        points = project_points(truth.joints + batch['transl'][:, None], batch['focal'], batch['size'] / 2)
        place = (points - batch['center'][:, None]) / (batch['scale'] * 200)[:, None, None]
        place = place / place.new_tensor([ASPECT, 1.]) + 0.5
        off = (parts.place - place) * place.new_tensor([ASPECT, 1.])
        inside = ((place > 0) & (place < 1)).all(-1)
        facing = torch.einsum('npc,pco->npo', parts.vectors[:, PARTS], self.facing) + self.facing_bias
        sector = heading_sector(truth.rotations[:, PARTS])
        surprise = cross_entropy(facing.flatten(0, 1), sector.flatten(), reduction='none').view_as(sector)
        near = inside[:, PARTS]
        deep = (parts.vectors * self.depth).sum(-1)
        depth = truth.joints[..., 2] - truth.joints[:, :1, 2]
        return (cell_loss(parts.logits, place, inside) + cell_loss(parts.fine_logits, place, inside)
                + 4 * ((off.square().sum(-1) + 1e-6).sqrt() * inside).mean()
                + (surprise * near).sum() / near.sum().clamp(1)
                + cross_entropy(self.heading(vector), sector[:, 0])
                + 5 * (smooth_l1_loss(deep, depth, beta=0.1, reduction='none') * inside).mean())


def heading_sector(global_orient: Tensor) -> Tensor:
    """Which of ``HEADINGS`` sectors (…,) things turned by (…, 3, 3) face, seen from above."""
    angle = torch.atan2(global_orient[..., 0, 2], global_orient[..., 2, 2])
    return ((angle / (2 * np.pi) + 0.5) * HEADINGS).long().clamp(0, HEADINGS - 1)


def cell_loss(logits: Tensor, place: Tensor, inside: Tensor) -> Tensor:
    """Cross-entropy between maps (N, K, h, w) and places (N, K, 2) in [0, 1], shared among the four nearest cells.

    Only places ``inside`` (N, K) count.
    """
    height, width = logits.shape[2:]
    x, y = place[..., 0] * width - 0.5, place[..., 1] * height - 0.5
    across = (1 - (x[..., None] - torch.arange(width, device=x.device)).abs()).clamp(0)
    down = (1 - (y[..., None] - torch.arange(height, device=y.device)).abs()).clamp(0)
    target = (down[..., :, None] * across[..., None, :]).flatten(2)
    target = target / target.sum(-1, keepdim=True).clamp(1e-6)
    surprise = -(target * logits.flatten(2).log_softmax(-1)).sum(-1)
    return (surprise * inside).sum() / inside.sum().clamp(1)
