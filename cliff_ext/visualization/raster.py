"""What a rasterizer gives, and normals to go with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Raster:
    """What each pixel sees.

    Attributes:
        depth: (H, W) float32 metres along z, inf where nothing is.
        face_index: (H, W) int64, -1 where nothing is.
        barycentric: (H, W, 3) float32, perspective-correct weights of the face's corners.
    """

    depth: np.ndarray
    face_index: np.ndarray
    barycentric: np.ndarray

    def interpolate(self, attributes: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """Vertex attributes (V, C) at the covered pixels, in row order: (M, C)."""
        covered = self.face_index >= 0
        corners = attributes[faces[self.face_index[covered]]]
        return np.einsum('mkc,mk->mc', corners, self.barycentric[covered])


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals (V, 3) of a mesh with vertices (V, 3): area-weighted means of the faces around, pointing outwards."""
    points = torch.as_tensor(np.asarray(vertices), dtype=torch.float32)
    corners = torch.as_tensor(np.ascontiguousarray(faces), dtype=torch.int64)
    a, b, c = points[corners].unbind(1)
    normal = torch.linalg.cross(b - a, c - a)
    total = torch.zeros_like(points).index_add_(0, corners.T.reshape(-1), normal.repeat(3, 1))
    return torch.nn.functional.normalize(total, dim=-1).numpy()
