"""Square patches around people as 3DMPPE's PoseNet and RootNet see them, and the way back to the camera.

Convention:
    ``bbox`` is xyxy in pixels of the full image. A patch's pixels are counted from the middle of the first one, as OpenCV
    does, so the box's left edge is the patch's x = 0. ``patch points`` have x and y as fractions of the patch.
    Source: the public 3DMPPE repositories.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor

from .pinhole import pixels_to_camera

PADDING = 1.25


def patch_bbox(bbox: Sequence[float] | np.ndarray, image_size: tuple[int, int], padding: float = PADDING,
               aspect_ratio: float = 1.) -> np.ndarray | None:
    """The patch for a person's box: brought into the image, widened to the patch's shape, then by ``padding``.

    A box that begins left of or above the image is moved into it, not cut there, and a box is taken to be a pixel smaller
    than it says, as in 3DMPPE's training and tests.

    Args:
        bbox: (4,) xyxy.
        image_size: Width and height.
        padding: Factor on the box's size.
        aspect_ratio: Width over height of the patch.

    Returns:
        (4,) xyxy float64, which may reach out of the image; None for a box that is not finite, has no area or lies outside
        the image.
    """
    box = np.asarray(bbox, np.float64)
    if box.shape != (4, ):
        raise ValueError(f'bbox must have shape (4,), got {box.shape}')
    if not np.isfinite(box).all() or (box[2:] <= box[:2]).any():
        return None
    low = np.maximum(box[:2], 0)
    high = np.minimum(low + np.maximum(box[2:] - box[:2] - 1, 0), np.asarray(image_size) - 1)
    size = high - low
    if (size < 0).any() or not size.any():
        return None
    width = max(size[0], size[1] * aspect_ratio)
    half = np.array([width, width / aspect_ratio]) * padding / 2
    middle = (low + high) / 2
    return np.concatenate([middle - half, middle + half])


def patch_affine(bbox: np.ndarray, output_size: tuple[int, int], scale: float = 1., angle: float = 0.) -> np.ndarray:
    """Affine map (2, 3) float64 from the full image's pixels to the patch's.

    Args:
        bbox: (4,) xyxy, of the patch's shape.
        output_size: Width and height of the patch.
        scale: Factor on the box's size.
        angle: Degrees by which the box is turned about its middle, clockwise as seen.
    """
    middle = ((bbox[:2] + bbox[2:]) / 2).astype(np.float32)
    half = ((bbox[2:] - bbox[:2]) * scale / 2).astype(np.float32)
    turn = np.deg2rad(angle)
    cos, sin = np.cos(turn), np.sin(turn)
    down, right = (np.array(way).astype(np.float32) for way in ((-sin * half[1], cos * half[1]),
                                                                (cos * half[0], sin * half[0])))
    source = np.stack([middle, middle + down, middle + right])
    target = np.array([[0.5, 0.5], [0.5, 1.], [1., 0.5]], np.float32) * np.array(output_size, np.float32)
    return cv2.getAffineTransform(source, target)


def crop_patch(image: np.ndarray, affine: np.ndarray, output_size: tuple[int, int]) -> np.ndarray:
    """The patch (h, w, 3) float32 of an image (H, W, 3) uint8, bilinear, black outside the image."""
    return cv2.warpAffine(image, affine, tuple(output_size), flags=cv2.INTER_LINEAR).astype(np.float32)


def move_points(affine: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (K, 2) through an affine map (2, 3)."""
    return points @ affine[:, :2].T + affine[:, 2]


def mirror_bbox(bbox: np.ndarray, image_width: int) -> np.ndarray:
    """The box (4,) xyxy in the mirrored image."""
    return np.array([image_width - 1 - bbox[2], bbox[1], image_width - 1 - bbox[0], bbox[3]])


def patch_to_camera(points: Tensor, bbox: Tensor, focal_length: Tensor, principal_point: Tensor) -> tuple[Tensor, Tensor]:
    """Patch points with their depth to the full camera.

    Args:
        points: (N, K, 3): x, y as fractions of the patch, z the depth from the camera.
        bbox: (N, 4) xyxy of the patch.
        focal_length: (N, 2) pixels.
        principal_point: (N, 2) pixels.

    Returns:
        (N, K, 2) pixels of the full image, and (N, K, 3) points in the camera's frame, in the depth's unit.
    """
    low, size = bbox[:, None, :2], (bbox[:, 2:] - bbox[:, :2])[:, None]
    pixels = points[..., :2] * size + low
    return pixels, pixels_to_camera(torch.cat([pixels, points[..., 2:]], -1), focal_length, principal_point)


def root_depth_factor(bbox: Tensor, focal_length: Tensor, real_size: float) -> Tensor:
    """RootNet's k (N,): how far away a person of ``real_size`` squared would be that fills the patch.

    Args:
        bbox: (N, 4) xyxy of the patch, pixels.
        focal_length: (N, 2) pixels.
        real_size: Side of the square that people are taken to fill, in the unit that k is wanted in.
    """
    return real_size * (focal_length.prod(-1) / (bbox[:, 2:] - bbox[:, :2]).prod(-1)).sqrt()
