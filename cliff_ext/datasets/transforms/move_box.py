"""Other boxes around the same person; the full image and all that is known in it stay as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from cliff_ext.registry import TRANSFORMS
from cliff_ext.structures import get_skeleton

from .randomness import random_generator

_BUST = ('nose', 'eye', 'ear', 'neck', 'head', 'jaw', 'thorax', 'shoulder')
_UPPER = (*_BUST, 'spine', 'elbow', 'wrist', 'hip', 'pelvis')
PARTS = {'head_and_shoulders': _BUST, 'upper_body': _UPPER, 'to_knees': (*_UPPER, 'knee'),
         'lower_body': ('hip', 'pelvis', 'knee', 'ankle', 'toe', 'heel')}
"""Joints that a crop keeps, by what their names contain."""


@TRANSFORMS.register_module()
class RandomBoxScale(BaseTransform):
    """Makes the box larger or smaller about its middle, and moves it, as detectors do.

    Required keys: ``bbox``. Modified keys: ``bbox``.

    Args:
        scale: Largest change of the size, as a fraction of it; drawn evenly.
        shift: Largest shift along each axis, as a fraction of the box's longer side; drawn evenly.
    """

    def __init__(self, scale: float = 0.25, shift: float = 0.) -> None:
        if not 0 <= scale < 1:
            raise ValueError(f'scale must lie in [0, 1), got {scale}')
        self.scale = scale
        self.shift = shift

    def transform(self, results: dict) -> dict:
        rng = random_generator()
        bbox = np.asarray(results['bbox'], np.float64)
        size = bbox[2:] - bbox[:2]
        middle = (bbox[:2] + bbox[2:]) / 2 + rng.uniform(-self.shift, self.shift, 2) * size.max()
        half = size / 2 * rng.uniform(1 - self.scale, 1 + self.scale)
        results['bbox'] = np.concatenate([middle - half, middle + half])
        return results


@TRANSFORMS.register_module()
class ExtremeCrop(BaseTransform):
    """Cuts the person off, as the image's border or a bad box does: the box holds only a part of the known joints.

    A person of whom less than ``min_joints`` joints of the drawn part are known keeps its box.

    Required keys: ``bbox``, ``human``. Modified keys: ``bbox``.

    Args:
        prob: How often.
        parts: Which of ``head_and_shoulders``, ``upper_body``, ``to_knees``, ``lower_body`` to draw from.
        margin: How much wider than the joints the box is.
        min_joints: Fewest known joints to make a box of.
    """

    def __init__(self, prob: float = 0.1, parts: Sequence[str] = tuple(PARTS), margin: float = 1.3,
                 min_joints: int = 4) -> None:
        unknown = set(parts) - set(PARTS)
        if unknown or not parts:
            raise ValueError(f'parts must be some of {", ".join(PARTS)}, got {list(parts)}')
        self.prob = prob
        self.parts = tuple(parts)
        self.margin = margin
        self.min_joints = min_joints
        names = get_skeleton('spin49').joint_names
        self._joints = {part: np.array([any(word in name for word in PARTS[part]) for name in names]) for part in parts}

    def transform(self, results: dict) -> dict:
        rng = random_generator()
        if rng.random() >= self.prob:
            return results
        keypoints = results['human'].keypoints2d
        kept = self._joints[self.parts[rng.integers(len(self.parts))]] & (keypoints[:, 2] > 0)
        if kept.sum() < self.min_joints:
            return results
        points = keypoints[kept, :2].astype(np.float64)
        low, high = points.min(0), points.max(0)
        half = (high - low) / 2 * self.margin
        if (half > 1).all():
            results['bbox'] = np.concatenate([(low + high) / 2 - half, (low + high) / 2 + half])
        return results
