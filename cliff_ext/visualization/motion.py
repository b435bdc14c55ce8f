"""Pose sequences side by side, frame by frame, as stick figures or bodies."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .boxes import track_color
from .overlay import draw_people

BACKGROUND = 248
AZIMUTH, ELEVATION = np.deg2rad(30), np.deg2rad(15)
TITLE = dict(fontFace=cv2.FONT_HERSHEY_SIMPLEX, fontScale=0.6, color=(60, 60, 60), thickness=1, lineType=cv2.LINE_AA)
MARGIN = 1.25


class MotionPanels:
    """One panel for each version of a motion, all through one fixed camera that holds the whole of it.

    Convention:
        3D points are metres in the camera frame, y down, seen from 30 degrees aside and 15 above, without perspective. 2D
        points are shown as they are, y down.

    Args:
        versions: Points (T, K, 2 or 3) by title; bodies' vertices if ``faces`` is given. NaN points are not drawn.
        bones: (B, 2) pairs of points to join by lines.
        faces: (F, 3) triangles, to draw bodies instead.
        size: Width and height of a panel, pixels.

    Raises:
        ValueError: Versions of different shapes, or no finite point.
    """

    def __init__(self, versions: dict[str, np.ndarray], bones: Sequence[tuple[int, int]] = (),
                 faces: np.ndarray | None = None, size: tuple[int, int] = (420, 480)) -> None:
        shapes = {name: value.shape for name, value in versions.items()}
        if len(set(shapes.values())) != 1:
            raise ValueError(f'all versions of a motion need one shape, got {shapes}')
        self.bones, self.faces, self.size = bones, faces, size
        self.points = {name: to_view(value) for name, value in versions.items()}
        flat = np.concatenate([value.reshape(-1, value.shape[-1]) for value in self.points.values()])
        flat = flat[np.isfinite(flat).all(-1)]
        if not len(flat):
            raise ValueError('the motion has no finite point to draw')
        low, high = np.percentile(flat, 0.5, 0), np.percentile(flat, 99.5, 0)
        self.centre = (low + high) / 2
        self.scale = min(np.array(size) / np.maximum(MARGIN * (high - low)[:2], 1e-6))

    def __len__(self) -> int:
        return len(next(iter(self.points.values())))

    def __call__(self, frame: int) -> np.ndarray:
        """The panels of one frame beside each other, (H, W · versions, 3) uint8 BGR."""
        return np.concatenate([self._panel(name, points[frame], i) for i, (name, points) in enumerate(self.points.items())],
                              1)

    def _panel(self, name: str, points: np.ndarray, index: int) -> np.ndarray:
        canvas = np.full((self.size[1], self.size[0], 3), BACKGROUND, np.uint8)
        if self.faces is None:
            self._sticks(canvas, points, track_color(index))
        else:
            self._body(canvas, points, index)
        cv2.putText(canvas, name, (10, 24), **TITLE)
        return canvas

    def _sticks(self, canvas: np.ndarray, points: np.ndarray, color: Sequence[float]) -> None:
        pixels = (points[:, :2] - self.centre[:2]) * self.scale + np.array(self.size) / 2
        good = np.isfinite(pixels).all(-1)
        pixels = np.clip(np.nan_to_num(pixels), -10 * max(self.size), 10 * max(self.size)).round().astype(int)
        color = tuple(float(c) for c in color)
        for a, b in self.bones:
            if good[a] and good[b]:
                cv2.line(canvas, pixels[a].tolist(), pixels[b].tolist(), color, 3, cv2.LINE_AA)
        for point in pixels[good]:
            cv2.circle(canvas, point.tolist(), 4, (60, 60, 60), -1, cv2.LINE_AA)

    def _body(self, canvas: np.ndarray, vertices: np.ndarray, index: int) -> None:
        far = 40. * max(self.size) / self.scale  # metres; far enough that perspective hardly shows
        placed = vertices - self.centre + [0, 0, far]
        seen, color = draw_people(placed[None].astype(np.float32), self.faces, self.scale * far, self.size, [index])
        canvas[seen] = np.round(color)


def to_view(points: np.ndarray) -> np.ndarray:
    """2D points as they are; 3D points (..., 3) turned to the view: x right, y down, z away from the viewer."""
    if points.shape[-1] == 2:
        return points
    right, down, away = np.moveaxis(points, -1, 0)
    right, away = right * np.cos(AZIMUTH) + away * np.sin(AZIMUTH), away * np.cos(AZIMUTH) - right * np.sin(AZIMUTH)
    down, away = down * np.cos(ELEVATION) - away * np.sin(ELEVATION), away * np.cos(ELEVATION) + down * np.sin(ELEVATION)
    return np.stack([right, down, away], -1)
