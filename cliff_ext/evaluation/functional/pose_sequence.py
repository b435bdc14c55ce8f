"""Errors of pose sequences: positions, accelerations, shares of correct joints, the worst frames.

Convention:
    Points in metres give millimetres, unless a function says that it keeps the unit. Acceleration is the second difference
    over neighbouring frames, per frame squared; no frame is invented at the ends.
    Source: the measures of SmoothNet [Zeng et al., ECCV 2022] and mmhuman3d.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

AUC_STEPS = 31
"""Thresholds from 0 to 150 mm, ends included."""


def point_distances(points: Tensor, truth: Tensor) -> Tensor:
    """Distances (..., K) between points (..., K, D), in the points' unit (metres, or pixels in 2D).

    Raises:
        ValueError: The shapes differ.
    """
    if points.shape != truth.shape:
        raise ValueError(f'points and truth must have one shape, got {tuple(points.shape)} and {tuple(truth.shape)}')
    return (points - truth).norm(dim=-1)


def root_relative(points: Tensor, roots: Sequence[int]) -> Tensor:
    """Points (..., K, D) seen from the mean of the joints ``roots`` of each frame."""
    return points - points[..., list(roots), :].mean(-2, keepdim=True)


def scale_align(points: Tensor, truth: Tensor) -> Tensor:
    """Points (..., K, D) times the one factor per frame that brings them closest; positions stay where they are.

    With root-relative points the error that is left is N-MPJPE. All-zero points stay zero.
    """
    scale = (points * truth).sum((-2, -1)) / points.square().sum((-2, -1)).clamp(min=1e-12)
    return points * scale[..., None, None]


def scale_aligned_joint_errors(points: Tensor, truth: Tensor) -> Tensor:
    """Mean distance (N,) in mm of joints (N, K, 3) after :func:`scale_align`."""
    return point_distances(scale_align(points, truth), truth).mean(-1) * 1e3


def acceleration_distances(points: Tensor, truth: Tensor | None = None) -> Tensor:
    """How much accelerations differ, mean over joints, in the points' unit per frame squared.

    Args:
        points: (..., T, K, D).
        truth: The same shape, or None to measure the acceleration itself (jitter).

    Returns:
        (..., T - 2), empty for fewer than 3 frames.
    """
    difference = points if truth is None else points - truth
    if difference.shape[-3] < 3:
        return points.new_zeros(*points.shape[:-3], 0)
    before, here, after = (difference[..., i:difference.shape[-3] - 2 + i, :, :] for i in range(3))
    return (before - 2 * here + after).norm(dim=-1).mean(-1)


def acceleration_errors(points: Tensor, truth: Tensor | None = None) -> Tensor:
    """:func:`acceleration_distances` of points in metres, in mm per frame squared (Accel)."""
    return acceleration_distances(points, truth) * 1e3


def worst_frames(errors: Tensor, share: float = 0.01) -> Tensor:
    """Indices of the ``share`` of frames with the largest errors (T,), at least one frame.

    Choose them by the input's error and look at both the input's and the output's, as SmoothNet does.

    Raises:
        ValueError: No frames, or a share outside (0, 1].
    """
    if not 0 < share <= 1 or not len(errors):
        raise ValueError(f'worst_frames needs frames and a share in (0, 1], got {len(errors)} frames, share {share}')
    first = min(int(len(errors) * (1 - share)), len(errors) - 1)
    return errors.sort(stable=True).indices[first:]


def pck_2d(points: Tensor, truth: Tensor, size: Tensor, threshold: float) -> Tensor:
    """Share of frames in which each joint lies within ``threshold`` times the person's size.

    Args:
        points: (T, K, 2) pixels.
        truth: (T, K, 2) pixels.
        size: (T,) pixels, the longer side of the person's box.
        threshold: Of the size, 0.05 to 0.2 for Sub-JHMDB.

    Returns:
        (K,) in [0, 1].
    """
    near = point_distances(points, truth) <= (size * threshold)[:, None]
    return near.sum(0) / len(points)


def pck_3d(distances: Tensor, threshold: float = 150.) -> Tensor:
    """Percentage of joints nearer than ``threshold`` mm; ``distances`` in mm, any shape (3DPCK)."""
    return 100 * (distances < threshold).double().mean()


def auc_3d(distances: Tensor, most: float = 150.) -> Tensor:
    """Mean of :func:`pck_3d` over 31 thresholds from 0 to ``most`` mm; ``distances`` in mm, any shape."""
    return torch.stack([pck_3d(distances, threshold) for threshold in torch.linspace(
        0, most, AUC_STEPS, dtype=torch.float64).tolist()]).mean()


def jitter(points: Tensor, fps: float = 30.) -> Tensor:
    """Jerk of points (T, K, 3) in metres, mean over joints, in 10 m/s³ [PIP, EMDB]: (T - 3,), empty for short sequences."""
    if len(points) < 4:
        return points.new_zeros(0)
    return points.diff(n=3, dim=0).norm(dim=-1).mean(-1) * fps**3 / 10
