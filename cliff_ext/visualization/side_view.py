"""The same people seen from their side, on a ground grid: shows depth, which the overlay hides."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .overlay import draw_people

TURN = np.array([[0., 0., 1.], [0., 1., 0.], [-1., 0., 0.]])
"""Camera frame to one that looks along the old x axis: z becomes right."""
GRID = 0.5
"""Metres between grid lines."""


class SideView:
    """A fixed side camera that holds a whole scene.

    Args:
        faces: (F, 3) triangles of one body.
        points: (P, 3) metres, camera frame, a sample of places that the view must show (joints of all frames).
        size: Width and height of the picture.
    """

    def __init__(self, faces: np.ndarray, points: np.ndarray, size: tuple[int, int] = (640, 480)) -> None:
        self.faces = np.asarray(faces)
        self.size = size
        turned = np.asarray(points).reshape(-1, 3) @ TURN.T
        if not len(turned):
            turned = np.array([[0., 0., 0.], [1., 2., 1.]])
        low, high = np.percentile(turned, 1, 0), np.percentile(turned, 99, 0)
        self.centre = (low + high) / 2
        self.ground = high[1]
        self.reach = max(high[0] - low[0] + 1.2, (high[1] - low[1] + 1.2) * size[0] / size[1])
        self.distance = 2 * self.reach + (high[2] - low[2])
        self.focal_length = 0.9 * size[0] * (self.distance - (high[2] - low[2]) / 2) / self.reach
        self.background = self._grid()

    def __call__(self, vertices: np.ndarray, track_ids: Sequence[int]) -> np.ndarray:
        """People (N, V, 3) in the camera frame to a BGR picture."""
        canvas = self.background.copy()
        if not len(vertices):
            return canvas
        seen, color = draw_people(self._place(vertices), self.faces, self.focal_length, self.size, track_ids)
        canvas[seen] = np.round(color)
        return canvas

    def _place(self, points: np.ndarray) -> np.ndarray:
        turned = points @ TURN.T - self.centre
        return turned + [0, 0, self.distance]

    def _grid(self) -> np.ndarray:
        canvas = np.full((self.size[1], self.size[0], 3), 248, np.uint8)
        half = np.ceil(self.reach / GRID) * GRID
        for offset in np.arange(-half, half + GRID, GRID):
            for ends in ([[offset, -half], [offset, half]], [[-half, offset], [half, offset]]):
                flat = np.array([[x, self.ground - self.centre[1], z + self.distance] for x, z in ends])
                if (flat[:, 2] < 0.1).any():
                    continue
                pixel = flat[:, :2] / flat[:, 2:] * self.focal_length + np.array(self.size) / 2
                cv2.line(canvas, *np.round(pixel).astype(int).tolist(), (225, 222, 218), 1, cv2.LINE_AA)
        cv2.putText(canvas, 'side view, camera at the left, grid 0.5 m', (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.42,
                    (120, 120, 120), 1, cv2.LINE_AA)
        return canvas
