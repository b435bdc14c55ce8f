"""Errors of joints, vertices and orientations."""

from __future__ import annotations

import torch
from torch import Tensor

from cliff_ext.geometry import geodesic_distance, procrustes_align


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
