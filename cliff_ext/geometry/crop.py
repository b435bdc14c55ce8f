"""Boxes to crops: centre and scale, integer corners, and cutting the crop out of the full image.

Convention:
    ``bbox`` is xyxy in pixels of the full image. ``scale`` * 200 is the crop's height in pixels; its width follows from
    ``output_size``. Outside the image a crop is black.
    Source: SPIN's and CLIFF's image processing (MPII-style crops).
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from .camera import BOX_UNIT


def bbox_to_center_scale(bbox: Tensor, aspect_ratio: float = 0.75, padding: float = 1.1) -> tuple[Tensor, Tensor]:
    """Smallest crop of the given aspect that holds the box, widened by ``padding``.

    Args:
        bbox: (..., 4) xyxy pixels.
        aspect_ratio: Width over height of the crop.
        padding: Factor on the crop's size.

    Returns:
        center (..., 2), pixels, and scale (...), crop height / 200.
    """
    low, high = bbox[..., :2], bbox[..., 2:]
    width, height = (high - low).unbind(-1)
    return (low + high) / 2, torch.maximum(width / aspect_ratio, height) / BOX_UNIT * padding


def crop_corners(center: np.ndarray,
                 scale: float,
                 output_size: tuple[int, int] = (192, 256)) -> tuple[np.ndarray, np.ndarray]:
    """Integer pixel corners of the crop, rounded half to even as CLIFF's demo rounds.

    Args:
        center: (2,) pixels.
        scale: Crop height / 200.
        output_size: Width and height of the network's input.

    Returns:
        Upper left and lower right corner, (2,) int64 x, y; the lower right one is exclusive.
    """
    width, height = output_size
    pixels = scale * BOX_UNIT / height
    half = np.array([width, height]) / 2
    center = np.asarray(center, np.float64)
    upper_left = np.round(center - half * pixels).astype(np.int64)
    lower_right = np.round(center + half * pixels).astype(np.int64)
    return upper_left, np.maximum(lower_right, upper_left + 1)


def crop_image(image: np.ndarray, center: np.ndarray, scale: float, output_size: tuple[int, int] = (192, 256)) -> np.ndarray:
    """Cuts the crop out of the full image and resizes it bilinearly.

    Only the part of the crop inside the image is ever allocated at full resolution, so a huge box costs nothing.

    Args:
        image: (H, W, 3), any real dtype.
        center: (2,) pixels.
        scale: Crop height / 200.
        output_size: Width and height of the result.

    Returns:
        (height, width, 3) float32, in the image's value range, black outside the image.
    """
    width, height = output_size
    upper_left, lower_right = crop_corners(center, scale, output_size)
    size = lower_right - upper_left
    limit = np.array(image.shape[1::-1])
    low, high = np.clip(upper_left, 0, limit), np.clip(lower_right, 0, limit)
    if (high <= low).any():
        return np.zeros((height, width, 3), np.float32)
    visible = image[low[1]:high[1], low[0]:high[0]].astype(np.float32)
    if (low == upper_left).all() and (high == lower_right).all():
        return cv2.resize(visible, (width, height), interpolation=cv2.INTER_LINEAR)
    # Half-pixel bilinear resize of the whole crop, sampled from its visible part alone.
    positions = []
    for axis, count in enumerate((width, height)):
        inside = (np.arange(count) + 0.5) * size[axis] / count - 0.5
        positions.append(np.clip(inside, 0, size[axis] - 1) + upper_left[axis] - low[axis])
    maps = np.meshgrid(*[position.astype(np.float32) for position in positions])
    return cv2.remap(visible, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def move_pixels(matrix: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
    """What mirroring or turning the camera's space does to the image's pixels.

    Args:
        matrix: (3, 3) orthogonal, keeps the z axis.
        image_size: Width and height; the principal point is the image's centre.

    Returns:
        (3, 3) affine map of homogeneous pixels, counted from the image's upper left corner.
    """
    move = np.eye(3)
    move[:2, :2] = matrix[:2, :2]
    centre = np.asarray(image_size) / 2
    move[:2, 2] = centre - move[:2, :2] @ centre
    return move


def crop_moved_image(image: np.ndarray, move: np.ndarray, center: np.ndarray, scale: float,
                     output_size: tuple[int, int] = (192, 256)) -> np.ndarray:
    """:func:`crop_image` of an image whose pixels were moved, in one step from the unmoved image.

    What of the unmoved image lies outside the moved one's frame stays visible, as if the sensor were larger.

    Args:
        image: (H, W, 3) uint8 or float32.
        move: (3, 3) affine map from the image's pixels to the moved image's, as of :func:`move_pixels`.
        center: (2,) pixels of the moved image.
        scale: Crop height / 200.
        output_size: Width and height of the result.

    Returns:
        (height, width, 3) float32, in the image's value range, black outside the image.
    """
    affine = _moved_crop(move, center, scale, output_size)
    return cv2.warpAffine(image, affine, tuple(output_size), flags=cv2.INTER_LINEAR).astype(np.float32)


def crop_moved_labels(labels: np.ndarray, stride: int, move: np.ndarray, center: np.ndarray, scale: float,
                      output_size: tuple[int, int] = (48, 64)) -> np.ndarray:
    """The crop of a map of labels whose pixels lie where :func:`crop_moved_image` puts the image's; nothing is mixed.

    Args:
        labels: (h, w) uint8, uint16 or int16: of every ``stride``-th pixel of the image, from the first on.
        stride: See above.
        move: (3, 3) affine map from the image's pixels to the moved image's; the identity where it was not moved.
        center: (2,) pixels of the moved image.
        scale: Crop height / 200.
        output_size: Width and height of the result.

    Returns:
        (height, width), dtype of the labels; 0 outside the image.
    """
    affine = _moved_crop(move, center, scale, output_size)
    affine[:, :2] *= stride  # from the labels' own pixels
    return cv2.warpAffine(labels, affine, tuple(output_size), flags=cv2.INTER_NEAREST)


def _moved_crop(move: np.ndarray, center: np.ndarray, scale: float, output_size: tuple[int, int]) -> np.ndarray:
    """(2, 3) from the middles of an image's pixels to those of the crop of the moved image, as OpenCV counts them."""
    upper_left, lower_right = crop_corners(center, scale, output_size)
    shrink = np.array(output_size) / (lower_right - upper_left)
    crop = np.array([[shrink[0], 0, -shrink[0] * upper_left[0]], [0, shrink[1], -shrink[1] * upper_left[1]], [0, 0, 1]])
    to_middles = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    return (to_middles @ crop @ move @ np.linalg.inv(to_middles))[:2]
