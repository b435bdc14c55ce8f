"""Terms of SMPLify [Bogo et al., ECCV 2016] in the single-stage form of SPIN and CLIFF, and its terms over time.

Convention:
    Pixels of the full image; ``keypoints`` (..., K, 3) are x, y and confidence. Poses are axis-angle in radians, the body's
    (..., 69). Confidences enter squared. Nothing is averaged: terms are sums, and carry the weights of the references.
"""

from __future__ import annotations

import torch
from torch import Tensor

SIGMA = 100.
"""Pixels beyond which the robust error flattens."""
POSE_WEIGHT, SHAPE_WEIGHT, BEND_WEIGHT, DEPTH_WEIGHT = 4.78**2, 5.**2, 15.2**2, 100.**2
BENDING = (52, 55, 9, 12)
"""Numbers of the body pose that bend the left and right elbow, the left and right knee."""
BENDING_SIGNS = (1., -1., -1., -1.)
"""Sign with which each of them is a joint bent the wrong way."""


def geman_mcclure(residual: Tensor, sigma: float = SIGMA) -> Tensor:
    """Squared error that flattens towards sigma^2: sigma^2 x^2 / (sigma^2 + x^2), same shape.

    Example:
        >>> geman_mcclure(torch.tensor([0., 100., 1e6]))
        tensor([    0.,  5000., 10000.])
    """
    square = residual.square()
    return sigma**2 * square / (sigma**2 + square)


def reprojection_loss(points: Tensor, keypoints: Tensor, sigma: float = SIGMA) -> Tensor:
    """Robust error (..., K) of projected joints (..., K, 2), weighted by confidence squared."""
    return keypoints[..., 2].square() * geman_mcclure(points - keypoints[..., :2], sigma).sum(-1)


def bending_loss(body_pose: Tensor) -> Tensor:
    """(..., 4), large where an elbow or a knee bends the wrong way: exp(x)^2."""
    return (body_pose[..., BENDING] * body_pose.new_tensor(BENDING_SIGNS)).exp().square()


def body_loss(points: Tensor, keypoints: Tensor, body_pose: Tensor, betas: Tensor, pose_prior: Tensor,
              sigma: float = SIGMA, pose_weight: float = POSE_WEIGHT, shape_weight: float = SHAPE_WEIGHT,
              bend_weight: float = BEND_WEIGHT) -> Tensor:
    """The whole loss of a body (...).

    Args:
        points: (..., K, 2) projected joints.
        keypoints: (..., K, 3).
        body_pose: (..., 69).
        betas: (..., 10).
        pose_prior: (...) value of a pose prior.
        sigma: Of the robust error, pixels.
        pose_weight: Of the pose prior.
        shape_weight: Of the squared betas.
        bend_weight: Of elbows and knees bent the wrong way.
    """
    return (reprojection_loss(points, keypoints, sigma).sum(-1) + pose_weight * pose_prior +
            bend_weight * bending_loss(body_pose).sum(-1) + shape_weight * betas.square().sum(-1))


def camera_loss(points: Tensor, keypoints: Tensor, torso: Tensor, depth: Tensor, start_depth: Tensor) -> Tensor:
    """The loss (...) that places a body: squared error of its torso, and a pull on its depth.

    Args:
        points: (..., K, 2) projected joints.
        keypoints: (..., K, 3); confidences do not weigh.
        torso: (..., K) 1 for the joints to use, 0 for the others.
        depth: (...) metres.
        start_depth: (...) metres, as estimated before.
    """
    error = (points - keypoints[..., :2]).square().sum(-1)
    return (torso * error).sum(-1) + DEPTH_WEIGHT * (depth - start_depth).square()


def choose_torso(confidence: Tensor, groups: tuple[tuple[int, ...], ...]) -> Tensor:
    """Joints (..., K), 0 or 1, that place a body: the first group that was seen whole, else all that was seen.

    Args:
        confidence: (..., K).
        groups: Joint indices of hips and shoulders in each definition that the skeleton has of them.
    """
    seen = confidence > 0
    chosen = seen
    for group in reversed(groups):
        mask = torch.zeros_like(seen)
        mask[..., list(group)] = True
        whole = seen[..., list(group)].all(-1, keepdim=True)
        chosen = torch.where(whole, mask, chosen)
    return chosen.to(confidence.dtype)


def motion_energy(values: Tensor, order: int) -> Tensor:
    """Sum of squared differences over time, of positions (order 1: velocity) or velocities (order 2: acceleration).

    Args:
        values: (B, F, ...).
        order: 1 or 2.

    Returns:
        (B,), zero for windows too short to differ.
    """
    if values.shape[1] <= order:
        return values.new_zeros(len(values))
    return values.diff(n=order, dim=1).square().flatten(1).sum(1)
