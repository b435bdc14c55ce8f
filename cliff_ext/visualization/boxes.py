"""Boxes with identities, and the colour of an identity."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import cv2
import numpy as np

GOLDEN = 0.61803398875
"""Steps of the golden ratio around the colour circle keep any number of identities apart."""


def track_color(track_id: int) -> np.ndarray:
    """BGR colour (3,) in [0, 255] of an identity, the same in every picture."""
    red, green, blue = colorsys.hsv_to_rgb((0.57 + GOLDEN * track_id) % 1, 0.5, 0.95)
    return np.array([blue, green, red]) * 255


def draw_boxes(image: np.ndarray, bboxes: np.ndarray, track_ids: Sequence[int],
               scores: np.ndarray | None = None) -> np.ndarray:
    """Draws boxes (N, 4) xyxy with identity and score on a copy of a BGR picture."""
    canvas = image.copy()
    thick = max(1, round(max(image.shape[:2]) / 400))
    size = max(image.shape[:2]) / 1400 + 0.15
    for i, (box, identity) in enumerate(zip(np.asarray(bboxes).reshape(-1, 4), track_ids, strict=True)):
        color = track_color(identity).tolist()
        x1, y1, x2, y2 = (int(v) for v in np.round(box))
        cv2.rectangle(canvas, (x1, y1), (x2, y2), color, thick, cv2.LINE_AA)
        text = f'{identity}' if scores is None else f'{identity}  {scores[i]:.2f}'
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
        top = max(y1, height + 4)
        cv2.rectangle(canvas, (x1, top - height - 4), (x1 + width + 4, top), color, -1)
        cv2.putText(canvas, text, (x1 + 2, top - 3), cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 20), thick, cv2.LINE_AA)
    return canvas
