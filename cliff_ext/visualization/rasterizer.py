"""Draws triangles into a depth buffer: with OpenGL where there is one, else with tensor operations."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from . import opengl, zbuffer
from .raster import Raster

BACKENDS = dict(opengl=opengl.draw, zbuffer=zbuffer.draw)


@cache
def fastest_backend() -> str:
    """``'opengl'`` if moderngl is installed and finds a driver (EGL needs no display), else ``'zbuffer'``."""
    return 'opengl' if opengl.available() else 'zbuffer'


def rasterize(vertices: np.ndarray | Tensor, faces: np.ndarray, focal_length: float, image_size: tuple[int, int],
              principal_point: tuple[float, float] | None = None, cull_back: bool = True,
              backend: str | None = None) -> Raster:
    """Draws triangles into a depth buffer; several people are one concatenated mesh.

    Args:
        vertices: (V, 3) metres, camera frame (x right, y down, z forward).
        faces: (F, 3), counter-clockwise seen from outside in a y-up frame, as SMPL's.
        focal_length: Pixels.
        image_size: (width, height).
        principal_point: Pixels; the image centre if None.
        cull_back: Skip triangles seen from behind (right for closed bodies, twice as fast).
        backend: ``'opengl'`` or ``'zbuffer'``; None takes :func:`fastest_backend`. They differ in single pixels at edges.

    Returns:
        The :class:`Raster`.

    Raises:
        ValueError: Vertices hold NaN or infinity, the shapes are wrong, or there is no such backend.
    """
    points = torch.as_tensor(np.asarray(vertices), dtype=torch.float32)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f'vertices must have shape (V, 3), got {tuple(points.shape)}')
    if not torch.isfinite(points).all():
        raise ValueError('vertices hold NaN or infinite values: drop that person before drawing')
    backend = backend or fastest_backend()
    if backend not in BACKENDS:
        raise ValueError(f'backend must be one of {sorted(BACKENDS)}, got {backend!r}')
    width, height = image_size
    return BACKENDS[backend](points, faces, focal_length, image_size, principal_point or (width / 2, height / 2), cull_back)
