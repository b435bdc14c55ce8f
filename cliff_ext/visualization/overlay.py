"""People's meshes drawn over the frame: hidden parts hidden, blended, one colour an identity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .boxes import track_color
from .raster import vertex_normals
from .rasterizer import rasterize

KEY_LIGHT = np.array([0.35, -0.6, -0.72], np.float32)
HALFWAY = KEY_LIGHT - np.array([0, 0, 1], np.float32)
HALFWAY /= np.linalg.norm(HALFWAY)


def shade(normals: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Colours (M, 3) of surfaces with unit normals (M, 3) in the camera frame and base colours (M, 3) or (3,)."""
    key = np.clip(normals @ KEY_LIGHT, 0, 1)
    facing = np.clip(-normals[:, 2], 0, 1)
    light = 0.38 + 0.25 * facing + 0.45 * key
    shine = 70 * np.clip(normals @ HALFWAY, 0, 1)**24
    return np.clip(color * light[:, None] + shine[:, None], 0, 255)


class MeshOverlay:
    """Draws people over a picture.

    Args:
        faces: (F, 3) triangles of one body.
        alpha: 1 covers the picture, 0 leaves it.
    """

    def __init__(self, faces: np.ndarray, alpha: float = 0.9) -> None:
        self.faces = np.asarray(faces)
        self.alpha = alpha

    def __call__(self, image: np.ndarray, vertices: np.ndarray, focal_length: float,
                 track_ids: Sequence[int]) -> np.ndarray:
        """A new picture with the people in it.

        Args:
            image: (H, W, 3) uint8 BGR.
            vertices: (N, V, 3) metres, camera frame.
            focal_length: Pixels.
            track_ids: N identities.
        """
        if not len(vertices):
            return image.copy()
        height, width = image.shape[:2]
        seen, color = draw_people(vertices, self.faces, focal_length, (width, height), track_ids)
        canvas = image.copy()
        canvas[seen] = np.round(self.alpha * color + (1 - self.alpha) * image[seen])
        return canvas


def draw_people(vertices: np.ndarray, faces: np.ndarray, focal_length: float, image_size: tuple[int, int],
                track_ids: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (H, W) bool that show a person, and their colours (M, 3) in row order."""
    people, count = len(vertices), vertices.shape[1]
    all_faces = np.concatenate([faces + i * count for i in range(people)])
    raster = rasterize(vertices.reshape(-1, 3), all_faces, focal_length, image_size)
    seen = raster.face_index >= 0
    normals = np.concatenate([vertex_normals(person, faces) for person in vertices])
    normal = raster.interpolate(normals, all_faces)
    normal /= np.sqrt(np.maximum(np.einsum('mc,mc->m', normal, normal), 1e-12))[:, None]
    colors = np.stack([track_color(identity) for identity in track_ids]).astype(np.float32)
    return seen, shade(normal, colors[raster.face_index[seen] // len(faces)])
