"""Mirroring and turning the whole picture, so that camera, person, keypoints and box stay consistent."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform

from cliff_ext.geometry import move_pixels
from cliff_ext.registry import TRANSFORMS
from cliff_ext.structures import MIRROR

from .randomness import random_generator


def move_frame(results: dict, matrix: np.ndarray) -> dict:
    """Moves everything that a sample says by an orthogonal map of the camera's space that keeps the z axis.

    The picture is left as it is; ``move`` tells where its pixels went, and ``FullFrameCrop`` reads them in one step. The
    box keeps its size and goes where its middle goes.

    Required keys: ``image_size``, ``bbox``; optional ``human``, ``move``.
    Modified keys: ``bbox``, ``human``, ``move`` (3, 3).
    """
    size = results['image_size']
    move = move_pixels(matrix, size)
    bbox = np.asarray(results['bbox'], np.float64)
    middle = (bbox[:2] + bbox[2:]) / 2
    results['bbox'] = bbox + np.tile(move[:2, :2] @ middle + move[:2, 2] - middle, 2)
    results['move'] = move @ results.get('move', np.eye(3))
    if 'human' in results:
        results['human'] = results['human'].moved(matrix, size)
    return results


@TRANSFORMS.register_module()
class RandomFrameFlip(BaseTransform):
    """Mirrors the picture and the person left to right. Keys as :func:`move_frame`.

    Args:
        prob: How often.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def transform(self, results: dict) -> dict:
        return move_frame(results, MIRROR) if random_generator().random() < self.prob else results


@TRANSFORMS.register_module()
class RandomFrameRotate(BaseTransform):
    """Turns the picture about its centre, as if the camera were rolled. Keys as :func:`move_frame`.

    Args:
        angle: Largest angle in degrees, either way; drawn evenly.
        prob: How often; SPIN turns two of five.
    """

    def __init__(self, angle: float = 30., prob: float = 0.4) -> None:
        self.angle = np.deg2rad(angle)
        self.prob = prob

    def transform(self, results: dict) -> dict:
        rng = random_generator()
        if rng.random() >= self.prob:
            return results
        angle = rng.uniform(-self.angle, self.angle)
        cos, sin = np.cos(angle), np.sin(angle)
        return move_frame(results, np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]))
