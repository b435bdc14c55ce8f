"""The same people seen from their side or from above, on a ground grid: shows depth, which the overlay hides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .overlay import draw_people
from .scene import SceneCamera


class SideView:
    """Meshes before a fixed camera that holds a whole scene.

    Args:
        faces: (F, 3) triangles of one body.
        points: (P, 3) metres, camera frame, a sample of places that the view must show (joints of all frames).
        size: Width and height of the picture.
        view: ``side`` or ``top``.
    """

    def __init__(self, faces: np.ndarray, points: np.ndarray, size: tuple[int, int] = (640, 480),
                 view: str = 'side') -> None:
        self.faces = np.asarray(faces)
        self.camera = SceneCamera(points, size, view)
        self.background = self.camera.background

    def __call__(self, vertices: np.ndarray, track_ids: Sequence[int]) -> np.ndarray:
        """People (N, V, 3) in the camera frame to a BGR picture."""
        canvas = self.background.copy()
        if not len(vertices):
            return canvas
        seen, color = draw_people(self.camera.place(vertices), self.faces, self.camera.focal_length, self.camera.size,
                                  track_ids)
        canvas[seen] = np.round(color)
        return canvas
