"""A z-buffer rasterizer without GL: all triangles of a frame at once, as tensor operations.

Triangles are grouped by the size of their pixel box, each group's candidate pixels are laid out densely, and one integer
minimum over (depth, triangle) keys per pixel decides visibility, so the result does not depend on the order of faces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .raster import Raster

NEAR = 0.05
"""Metres; a triangle with a corner nearer than this is not drawn."""
FACE_BITS = 24
BOX_SIZES = (2, 4, 8, 16, 32, 64, 128)
CHUNK = 1 << 20
"""Candidate pixels evaluated at a time."""


def draw(points: Tensor, faces: np.ndarray, focal_length: float, image_size: tuple[int, int], centre: tuple[float, float],
         cull_back: bool) -> Raster:
    """As :func:`~cliff_ext.visualization.rasterize`, of checked points (V, 3) float32."""
    width, height = image_size
    depth = points[:, 2]
    screen = points[:, :2] / depth.clamp(min=NEAR)[:, None] * focal_length + torch.tensor(centre)
    corners = torch.as_tensor(np.ascontiguousarray(faces), dtype=torch.int64)
    triangles = _visible(screen, depth, corners, image_size, cull_back)
    keys = torch.full((height * width, ), torch.iinfo(torch.int64).max)
    for start, size in triangles.groups():
        _draw(keys, triangles, start, size, image_size)
    return _resolve(keys, triangles, image_size)


@dataclass
class _Triangles:
    """Screen triangles in order of box size. ``low`` is the first pixel, ``edge`` the three edge functions."""

    index: Tensor  # (F,) face numbers
    low: Tensor  # (F, 2)
    size: Tensor  # (F,) side of the pixel box
    edge: Tensor  # (F, 3, 3) a, b, c with a x + b y + c, one per corner, summing to 1 inside
    inverse: Tensor  # (F, 3) 1 / z of the corners

    def groups(self) -> list[tuple[slice, int]]:
        bounds = torch.searchsorted(self.size, torch.tensor(BOX_SIZES), right=True).tolist()
        starts = [0, *bounds]
        groups = [(slice(a, b), s) for a, b, s in zip(starts, bounds, BOX_SIZES, strict=False) if b > a]
        if bounds[-1] < len(self.size):
            groups.append((slice(bounds[-1], len(self.size)), int(self.size[-1])))
        return groups


def _visible(screen: Tensor, depth: Tensor, faces: Tensor, image_size: tuple[int, int], cull_back: bool) -> _Triangles:
    corner = screen[faces]
    z = depth[faces]
    (ax, ay), (bx, by), (cx, cy) = (corner[:, i].unbind(-1) for i in range(3))
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    low = torch.ceil(corner.amin(1) - 0.5).long().clamp(min=0)
    high = torch.floor(corner.amax(1) - 0.5).long().minimum(torch.tensor(image_size) - 1)
    keep = (z.amin(1) > NEAR) & (high >= low).all(-1) & (area.abs() > 1e-9)
    if cull_back:
        keep &= area < 0
    index = keep.nonzero().flatten()
    size = (high - low + 1).amax(-1)[index]
    size, order = size.sort()
    index = index[order]
    ax, ay, bx, by, cx, cy, area = (t[index] for t in (ax, ay, bx, by, cx, cy, area))
    a = torch.stack([by - cy, cy - ay, ay - by], 1)
    b = torch.stack([cx - bx, ax - cx, bx - ax], 1)
    c = torch.stack([bx * cy - cx * by, cx * ay - ax * cy, ax * by - bx * ay], 1)
    edge = torch.stack([a, b, c], -1) / area[:, None, None]
    return _Triangles(index, low[index], size, edge, 1 / z[index])


def _draw(keys: Tensor, triangles: _Triangles, group: slice, size: int, image_size: tuple[int, int]) -> None:
    """Lowers the keys of all pixels that the group's triangles cover."""
    width, height = image_size
    columns, rows = torch.arange(min(size, width)), torch.arange(min(size, height))
    step = max(1, CHUNK // (len(columns) * len(rows)))
    for start in range(group.start, group.stop, step):
        part = slice(start, min(start + step, group.stop))
        x = triangles.low[part, 0, None] + columns
        y = triangles.low[part, 1, None] + rows
        along_x = triangles.edge[part, :, 0, None] * (x + 0.5)[:, None]
        along_y = triangles.edge[part, :, 1, None] * (y + 0.5)[:, None] + triangles.edge[part, :, 2, None]
        weight = along_y[..., :, None] + along_x[..., None, :]  # (F, 3, rows, columns)
        inside = (weight.amin(1) >= 0) & (x < width)[:, None, :] & (y < height)[:, :, None]
        face, row, column = inside.nonzero(as_tuple=True)
        hit = weight.permute(0, 2, 3, 1)[face, row, column]
        nearness = (hit * triangles.inverse[part][face]).sum(-1)
        key = _depth_key(1 / nearness) << FACE_BITS | (face + start)
        pixel = y[face, row] * width + x[face, column]
        keys.scatter_reduce_(0, pixel, key, 'amin')


def _depth_key(depth: Tensor) -> Tensor:
    """Positive float32 depth as integers of the same order."""
    return depth.float().contiguous().view(torch.int32).long()


def _resolve(keys: Tensor, triangles: _Triangles, image_size: tuple[int, int]) -> Raster:
    width, height = image_size
    pixel = (keys != torch.iinfo(torch.int64).max).nonzero().flatten()
    winner = keys[pixel] & ((1 << FACE_BITS) - 1)
    place = torch.stack([pixel % width + 0.5, pixel // width + 0.5, torch.ones(len(pixel))], -1)
    weight = (triangles.edge[winner] @ place[..., None])[..., 0] * triangles.inverse[winner]
    total = weight.sum(-1)
    depth = torch.full((height * width, ), torch.inf)
    face_index = torch.full((height * width, ), -1)
    barycentric = torch.zeros(height * width, 3)
    depth[pixel] = 1 / total
    face_index[pixel] = triangles.index[winner]
    barycentric[pixel] = weight / total[:, None]
    return Raster(depth.view(height, width).numpy(), face_index.view(height, width).numpy(),
                  barycentric.view(height, width, 3).numpy())
