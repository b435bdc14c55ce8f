"""Errors of joints, vertices and orientations, and which predicted person is which true one in a picture."""

from __future__ import annotations

import torch
from torch import Tensor

from cliff_ext.body_models import PARENTS
from cliff_ext.geometry import geodesic_distance, procrustes_align

from .boxes import box_iou

MAJOR_JOINTS = (0, 1, 2, 4, 5, 16, 17, 18, 19)
"""Pelvis, hips, knees, shoulders and elbows of ``smpl24``: the joints whose angles 3DPW's challenge and EMDB compare."""


def joint_errors(points: Tensor, truth: Tensor, root: Tensor | None = None, true_root: Tensor | None = None) -> Tensor:
    """Mean distance (N,) in mm of points (N, K, 3), in metres, each set relative to its root (N, 3) if given.

    With joints this is MPJPE, with vertices PVE.
    """
    if root is not None and true_root is not None:
        points, truth = points - root[:, None], truth - true_root[:, None]
    return (points - truth).norm(dim=-1).mean(-1) * 1e3


def pa_joint_errors(points: Tensor, truth: Tensor) -> Tensor:
    """As :func:`joint_errors` after the best similarity alignment (PA-MPJPE, PA-PVE)."""
    return joint_errors(procrustes_align(points.double(), truth.double()), truth.double())


def orientation_error(rotmat: Tensor, truth: Tensor) -> Tensor:
    """Angle (...) in degrees between rotations (..., 3, 3)."""
    return torch.rad2deg(geodesic_distance(rotmat, truth))


def joint_rotations(global_orient: Tensor, body_pose: Tensor) -> Tensor:
    """Rotations (N, 24, 3, 3) of all joints in the camera's frame, along the kinematic tree.

    Args:
        global_orient: (N, 3, 3).
        body_pose: (N, 23, 3, 3), relative to the parent joint.
    """
    rotations = [global_orient]
    for joint, parent in enumerate(PARENTS[1:]):
        rotations.append(rotations[parent] @ body_pose[:, joint])
    return torch.stack(rotations, 1)


def joint_angle_errors(rotations: Tensor, truth: Tensor, alignment: Tensor | None = None) -> Tensor:
    """Mean angle (N,) in degrees between :data:`MAJOR_JOINTS` of :func:`joint_rotations` (N, 24, 3, 3) (MPJAE).

    Args:
        rotations: Estimated.
        truth: True.
        alignment: (N, 3, 3) rotation that brings the estimated joints closest to the true ones (for PA-MPJAE).
    """
    chosen = list(MAJOR_JOINTS)
    rotations, truth = rotations[:, chosen], truth[:, chosen]
    if alignment is not None:
        rotations = alignment[:, None] @ rotations
    return orientation_error(rotations, truth).mean(-1)


def match_people(points: Tensor, truth: Tensor, min_iou: float = 0.1) -> list[tuple[int, int]]:
    """Which of P predicted people is which of Q true ones in one picture, nearest pairs first [AGORA].

    Args:
        points: (P, K, 2) projected joints, pixels, on the CPU.
        truth: (Q, K, 2) true joints, pixels.
        min_iou: How far the boxes around a pair's joints must overlap.

    Returns:
        Pairs (row of ``points``, row of ``truth``), each row at most once.
    """
    if not len(points) or not len(truth):
        return []
    overlap = torch.from_numpy(box_iou(_box(points).numpy(), _box(truth).numpy()))
    distance = (points[:, None] - truth[None]).norm(dim=-1).mean(-1).masked_fill(overlap < min_iou, torch.inf)
    pairs = []
    while distance.min() < torch.inf:
        row, column = divmod(int(distance.argmin()), len(truth))
        pairs.append((row, column))
        distance[row], distance[:, column] = torch.inf, torch.inf
    return pairs


def _box(points: Tensor) -> Tensor:
    return torch.cat([points.amin(-2), points.amax(-2)], -1)
