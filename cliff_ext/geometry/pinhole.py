"""The plain pinhole camera with its own focal length per axis and any principal point, as PoseNet and RootNet use it.

Convention:
    Camera frame: x right, y down, z forward (OpenCV), any unit of length, which is kept. Pixels of the full image.
    ``focal_length`` is (fx, fy), ``principal_point`` (cx, cy), both in pixels.
    Source: the public 3DMPPE repositories. Unlike theirs, a point in the camera's centre is not moved before it is divided.
"""

from __future__ import annotations

from torch import Tensor, cat


def camera_to_pixels(points: Tensor, focal_length: Tensor, principal_point: Tensor) -> Tensor:
    """Projects, and keeps the depth.

    Args:
        points: (..., K, 3), z > 0 in front.
        focal_length: (..., 2).
        principal_point: (..., 2).

    Returns:
        (..., K, 3): x and y in pixels, z as given.

    Example:
        >>> import torch
        >>> camera_to_pixels(torch.tensor([[1., 0., 2.]]), torch.tensor([100., 100.]), torch.tensor([50., 40.]))
        tensor([[100.,  40.,   2.]])
    """
    depth = points[..., 2:]
    return cat([points[..., :2] / depth * focal_length[..., None, :] + principal_point[..., None, :], depth], -1)


def pixels_to_camera(pixels: Tensor, focal_length: Tensor, principal_point: Tensor) -> Tensor:
    """Inverse of :func:`camera_to_pixels`: pixels with their depth (..., K, 3) to points (..., K, 3)."""
    depth = pixels[..., 2:]
    return cat([(pixels[..., :2] - principal_point[..., None, :]) / focal_length[..., None, :] * depth, depth], -1)


def world_to_camera(points: Tensor, rotation: Tensor, translation: Tensor) -> Tensor:
    """Points (..., K, 3) of the world in the camera's frame.

    Args:
        points: (..., K, 3).
        rotation: (..., 3, 3) from the world's axes to the camera's.
        translation: (..., 3) the world's origin, in the camera's frame.
    """
    return points @ rotation.mT + translation[..., None, :]
