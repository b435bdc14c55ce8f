"""Changes of the crop's pixels that leave the person where it is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from cliff_ext.registry import TRANSFORMS

from .randomness import random_generator


@TRANSFORMS.register_module()
class ColorNoise(BaseTransform):
    """Makes each colour channel brighter or darker by a factor of its own [SPIN's pixel noise].

    Required keys: ``crop`` (h, w, 3) float32 in [0, 255]. Modified keys: ``crop``.

    Args:
        strength: Largest change of the factor from 1.
    """

    def __init__(self, strength: float = 0.4) -> None:
        self.strength = strength

    def transform(self, results: dict) -> dict:
        factors = random_generator().uniform(1 - self.strength, 1 + self.strength, 3).astype(np.float32)
        results['crop'] = np.clip(results['crop'] * factors, 0, 255)
        return results


@TRANSFORMS.register_module()
class PasteOccluder(BaseTransform):
    """Hides parts of the crop behind ellipses and polygons, filled with other parts of the picture or a plain colour.

    After Sárándi et al. (2018), who paste objects of another data set; these shapes need none.

    Required keys: ``crop`` (h, w, 3) float32 in [0, 255], ``img``. Modified keys: ``crop``.

    Args:
        prob: How often.
        max_count: Most shapes in a crop.
        size: Smallest and largest side of a shape, as a fraction of the crop's height.
        textured: How many of the shapes show the picture; the others have a plain colour.
    """

    def __init__(self, prob: float = 0.3, max_count: int = 3, size: Sequence[float] = (0.1, 0.4),
                 textured: float = 0.7) -> None:
        self.prob = prob
        self.max_count = max_count
        self.size = tuple(size)
        self.textured = textured

    def transform(self, results: dict) -> dict:
        rng = random_generator()
        if rng.random() >= self.prob:
            return results
        crop = results['crop'].copy()
        for _ in range(rng.integers(1, self.max_count + 1)):
            mask = self._shape(rng, crop.shape[:2])
            fill = self._texture(rng, results['img'], crop.shape) if rng.random() < self.textured else rng.uniform(0, 255, 3)
            crop = np.where(mask[..., None] > 0, fill, crop)
        results['crop'] = crop.astype(np.float32)
        return results

    def _shape(self, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        """Mask (h, w) uint8 of an ellipse, or of a convex polygon inside of one."""
        middle = rng.uniform(0, 1, 2) * shape[::-1]
        half = rng.uniform(*self.size, 2) * shape[0] / 2
        turn = rng.uniform(0, np.pi)
        corners = int(rng.choice([3, 4, 5, 6, 32]))
        angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        points = np.stack([np.cos(angles), np.sin(angles)], 1) * half
        cos, sin = np.cos(turn), np.sin(turn)
        outline = points @ np.array([[cos, sin], [-sin, cos]]) + middle
        return cv2.fillConvexPoly(np.zeros(shape, np.uint8), np.round(outline).astype(np.int32), 1)

    @staticmethod
    def _texture(rng: np.random.Generator, image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """A random window of the picture, as large as the crop or the picture, stretched to the crop."""
        height, width = (min(have, want) for have, want in zip(image.shape[:2], shape[:2], strict=True))
        top, left = rng.integers(image.shape[0] - height + 1), rng.integers(image.shape[1] - width + 1)
        window = image[top:top + height, left:left + width]
        return cv2.resize(window, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
