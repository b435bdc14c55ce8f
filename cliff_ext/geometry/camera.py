"""The full-frame camera: focal length, CLIFF's box information, crop camera to full translation, projection.

Convention:
    Camera frame: x right, y down, z forward (OpenCV), metres. Principal point at the image centre unless given.
    ``image_size`` is (width, height) in pixels. ``scale`` * 200 is the crop's height b in pixels.
    ``crop_cam`` is the weak-perspective camera (s, tx, ty) of the crop.
    Source: CLIFF [Li et al., ECCV 2022], equations 3 to 6.
"""

from __future__ import annotations

import torch
from torch import Tensor

BOX_UNIT = 200.
"""Pixels per unit of ``scale``."""
INFO_OFFSET, INFO_SIZE, INFO_SPREAD = 2.8, 0.24, 0.06
"""CLIFF's box information: factor of the offset; mean and spread of the box's height, both over the focal length."""


def estimate_focal_length(image_size: Tensor) -> Tensor:
    """Focal length in pixels (...) of an unknown camera: the image diagonal of ``image_size`` (..., 2).

    Example:
        >>> estimate_focal_length(torch.tensor([400., 300.]))
        tensor(500.)
    """
    return image_size.to(torch.get_default_dtype() if not image_size.is_floating_point() else image_size.dtype).norm(
        dim=-1)


def bbox_info(center: Tensor, scale: Tensor, image_size: Tensor, focal_length: Tensor) -> Tensor:
    """Where the crop lies in the full image, as CLIFF's head reads it.

    Args:
        center: (..., 2) box centre, pixels.
        scale: (...) box height / 200.
        image_size: (..., 2) width and height, pixels.
        focal_length: (...) pixels.

    Returns:
        (..., 3): 2.8 (cx - W/2)/f, 2.8 (cy - H/2)/f, (b - 0.24 f)/(0.06 f).
    """
    offset = INFO_OFFSET * (center - image_size / 2) / focal_length[..., None]
    size = (scale * BOX_UNIT - INFO_SIZE * focal_length) / (INFO_SPREAD * focal_length)
    return torch.cat([offset, size[..., None]], -1)


def crop_cam_to_transl(crop_cam: Tensor, center: Tensor, scale: Tensor, image_size: Tensor,
                       focal_length: Tensor) -> Tensor:
    """Weak-perspective crop camera to the body's translation in the full camera.

    Args:
        crop_cam: (..., 3) s, tx, ty.
        center: (..., 2) box centre, pixels.
        scale: (...) box height / 200.
        image_size: (..., 2) width and height, pixels.
        focal_length: (...) pixels.

    Returns:
        (..., 3) translation, metres, camera frame.
    """
    size, shift = crop_cam[..., 0], crop_cam[..., 1:]
    box = scale * BOX_UNIT * size + 1e-9
    lateral = shift + 2 * (center - image_size / 2) / box[..., None]
    return torch.cat([lateral, (2 * focal_length / box)[..., None]], -1)


def transl_to_crop_cam(transl: Tensor, center: Tensor, scale: Tensor, image_size: Tensor,
                       focal_length: Tensor) -> Tensor:
    """Inverse of :func:`crop_cam_to_transl`: translation (..., 3) with z > 0 to crop camera (..., 3)."""
    box = 2 * focal_length / transl[..., 2]
    shift = transl[..., :2] - 2 * (center - image_size / 2) / box[..., None]
    return torch.cat([(box / (scale * BOX_UNIT))[..., None], shift], -1)


def project_points(points: Tensor, focal_length: Tensor, principal_point: Tensor) -> Tensor:
    """Pinhole projection.

    Args:
        points: (..., K, 3) metres, camera frame, z > 0 in front.
        focal_length: (...) pixels.
        principal_point: (..., 2) pixels.

    Returns:
        (..., K, 2) pixels.
    """
    return points[..., :2] / points[..., 2:] * focal_length[..., None, None] + principal_point[..., None, :]
