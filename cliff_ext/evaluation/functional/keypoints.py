"""How well projected joints agree with keypoints in the image."""

from __future__ import annotations

import torch
from torch import Tensor

from cliff_ext.structures import get_skeleton

SPREAD = dict(nose=.026, eye=.025, ear=.035, shoulder=.079, elbow=.072, wrist=.062, hip=.107, knee=.087, ankle=.089)
"""COCO's standard deviations of annotated joints, in square roots of the person's area."""
OTHERS = .089
"""For joints that COCO lacks, as wide as its ankles."""
BODY_SHARE = .53
"""Area of a person over that of the box, as in COCO."""


def joint_spreads(skeleton: str) -> Tensor:
    """Standard deviations (K,) of a skeleton's joints, in square roots of the person's area."""
    names = [name.removeprefix('gt_').rpartition('_')[2] for name in get_skeleton(skeleton).joint_names]
    return torch.tensor([SPREAD.get(name, OTHERS) for name in names])


def keypoint_similarity(points: Tensor, keypoints: Tensor, bboxes: Tensor, skeleton: str) -> Tensor:
    """COCO's object keypoint similarity, the mean of exp(−d² / (2 a (2σ)²)) over the joints that are known.

    Args:
        points: (N, K, 2) pixels.
        keypoints: (N, K, 3) pixels and confidence, by which the mean is weighted.
        bboxes: (N, 4) xyxy pixels; a person's area a is taken to be 0.53 of the box, as no mask is known.
        skeleton: Of the K joints.

    Returns:
        (N,) in [0, 1]; 0 for people of whom no joint is known.
    """
    sides = bboxes[:, 2:] - bboxes[:, :2]
    area = BODY_SHARE * sides.prod(-1).clamp(min=1)
    variance = (2 * joint_spreads(skeleton).to(points)).square() * area[:, None]
    off = (points - keypoints[..., :2]).square().sum(-1)
    weight = keypoints[..., 2]
    return (weight * torch.exp(-off / (2 * variance))).sum(-1) / weight.sum(-1).clamp(min=1e-6)


def keypoint_distance(points: Tensor, keypoints: Tensor, bboxes: Tensor) -> Tensor:
    """Mean distance (N,) of points (N, K, 2) from known keypoints (N, K, 3), in heights of the boxes (N, 4)."""
    weight = keypoints[..., 2]
    off = (points - keypoints[..., :2]).norm(dim=-1) / (bboxes[:, 3] - bboxes[:, 1])[:, None]
    return (weight * off).sum(-1) / weight.sum(-1).clamp(min=1e-6)
