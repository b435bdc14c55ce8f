"""A fixed camera beside or above a scene, over a metric ground grid: shows depth, which a picture of the frame hides."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class _Look:
    """Axes of a view (x right, y down, z away) from those of the frame's camera, and what is written into the picture."""

    turn: np.ndarray
    title: str


VIEWS = dict(
    side=_Look(np.array([[0., 0., 1.], [0., 1., 0.], [-1., 0., 0.]]), 'side view, camera at the left'),
    top=_Look(np.array([[1., 0., 0.], [0., 0., -1.], [0., 1., 0.]]), 'from above, camera below'))
GRIDS = (0.5, 1., 2., 5., 10., 20., 50., 100.)
"""Metres between grid lines, the first that leaves few enough of them."""
MOST_LINES, MOST_LABELS = 40, 8
MARGIN = 1.2
"""Metres left around the places, both sides together."""
PAPER, LINE, INK = (248, 248, 248), (225, 222, 218), (120, 120, 120)
TEXT = dict(fontFace=cv2.FONT_HERSHEY_SIMPLEX, fontScale=0.42, color=INK, thickness=1, lineType=cv2.LINE_AA)


class SceneCamera:
    """Sees all of a scene from ``side`` (depth runs to the right) or ``top`` (depth runs up).

    Convention:
        Points are metres in the frame's camera: x right, y down, z forward. The ground is where the lowest places are.
        Numbers on the grid are metres from the frame's camera along z.

    Args:
        points: (P, 3) a sample of places that the view must show (joints of all frames).
        size: Width and height of the picture.
        view: Of :data:`VIEWS`.

    Attributes:
        background: (H, W, 3) uint8 BGR, the grid.
        focal_length: Of this camera, pixels; its principal point is the picture's centre.

    Raises:
        ValueError: Another view.
    """

    def __init__(self, points: np.ndarray, size: tuple[int, int] = (640, 480), view: str = 'side') -> None:
        if view not in VIEWS:
            raise ValueError(f'view must be one of {", ".join(VIEWS)}, got {view!r}')
        self.size = size
        self.look = VIEWS[view]
        points = np.asarray(points, np.float64).reshape(-1, 3)
        if not len(points):
            points = np.array([[0., 0., 0.], [1., 2., 1.]])
        self.low, self.high = np.percentile(points, 1, 0), np.percentile(points, 99, 0)
        turned = points @ self.look.turn.T
        low, high = np.percentile(turned, 1, 0), np.percentile(turned, 99, 0)
        self.centre = (low + high) / 2
        self.reach = max(high[0] - low[0] + MARGIN, (high[1] - low[1] + MARGIN) * size[0] / size[1])
        self.distance = 2 * self.reach + (high[2] - low[2])
        self.focal_length = 0.9 * size[0] * (self.distance - (high[2] - low[2]) / 2) / self.reach
        self.background = self._grid()

    def place(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) of the frame's camera in this one."""
        return points @ self.look.turn.T - self.centre + [0, 0, self.distance]

    def pixels(self, points: np.ndarray) -> np.ndarray | None:
        """Points (P, 3) of the frame's camera as whole pixels (P, 2); None if one of them lies behind this camera."""
        placed = self.place(points)
        if (placed[:, 2] < 0.1).any():
            return None
        return np.round(placed[:, :2] / placed[:, 2:] * self.focal_length + np.array(self.size) / 2).astype(int)

    def _grid(self) -> np.ndarray:
        canvas = np.full((self.size[1], self.size[0], 3), PAPER, np.uint8)
        step = next((grid for grid in GRIDS if self.reach < MOST_LINES * grid), GRIDS[-1])
        ground = self.high[1]
        middle = (self.low + self.high) / 2
        start, stop = np.floor((middle - self.reach) / step) * step, np.ceil((middle + self.reach) / step) * step
        for x in np.arange(start[0], stop[0] + step / 2, step):
            self._line(canvas, [x, ground, start[2]], [x, ground, stop[2]])
        depths = np.arange(start[2], stop[2] + step / 2, step)
        for z in depths:
            self._line(canvas, [start[0], ground, z], [stop[0], ground, z])
        seen = depths[(depths > self.low[2] - MARGIN) & (depths < self.high[2] + MARGIN) & (depths == np.round(depths))]
        for z in seen[::max(1, -(-len(seen) // MOST_LABELS))]:
            at = self.pixels(np.array([[self.high[0] + MARGIN / 3, ground, z]]))
            if at is not None:
                cv2.putText(canvas, f'{z:g} m', at[0].tolist(), **TEXT)
        cv2.putText(canvas, f'{self.look.title}, grid {step:g} m', (8, 18), **TEXT)
        return canvas

    def _line(self, canvas: np.ndarray, start: list[float], stop: list[float]) -> None:
        ends = self.pixels(np.array([start, stop]))
        if ends is not None:
            cv2.line(canvas, ends[0].tolist(), ends[1].tolist(), LINE, 1, cv2.LINE_AA)
