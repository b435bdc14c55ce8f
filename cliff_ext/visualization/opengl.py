"""Rasterizes with OpenGL through moderngl, off screen; on Linux over EGL, which needs no display."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from torch import Tensor

from .raster import Raster

NEAR = 0.05
"""Metres; what is nearer is cut off."""
VERTEX = '''
#version 330
uniform vec2 scale;   // 2 f / size
uniform vec2 offset;  // 2 c / size - 1
uniform vec2 range;   // near, far
in vec3 position;
out vec3 weight;
flat out int face;
out float depth;
void main() {
    face = gl_VertexID / 3;
    weight = vec3(equal(ivec3(gl_VertexID % 3), ivec3(0, 1, 2)));
    depth = position.z;
    float z = ((range.y + range.x) * position.z - 2 * range.y * range.x) / (range.y - range.x);
    gl_Position = vec4(position.xy * scale + offset * position.z, z, position.z);
}
'''
FRAGMENT = '''
#version 330
in vec3 weight;
flat in int face;
in float depth;
out vec4 pixel;
void main() { pixel = vec4(face, weight.xy, depth); }
'''


def _moderngl() -> ModuleType | None:
    try:
        import moderngl
    except ImportError:
        return None
    return moderngl


def available() -> bool:
    """Whether moderngl is installed and gives a context on this machine."""
    if _moderngl() is None:
        return False
    try:
        return _local.screen.context is not None
    except Exception:  # moderngl raises bare ones where there is no driver
        return False


@dataclass
class _Screen:
    """A thread's context, program and picture buffers by size."""

    buffers: dict[tuple[int, int], Any] = field(default_factory=dict)

    @cached_property
    def context(self) -> Any:
        options = dict(backend='egl') if sys.platform.startswith('linux') else {}
        return _moderngl().create_context(standalone=True, **options)

    @cached_property
    def program(self) -> Any:
        return self.context.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)

    def buffer(self, size: tuple[int, int]) -> Any:
        """A picture of (width, height) with four floats a pixel."""
        if size not in self.buffers:
            self.buffers.clear()
            self.buffers[size] = self.context.framebuffer(
                [self.context.texture(size, 4, dtype='f4')], self.context.depth_renderbuffer(size))
        return self.buffers[size]


class _Local(threading.local):

    def __init__(self) -> None:
        self.screen = _Screen()


_local = _Local()


def draw(points: Tensor, faces: np.ndarray, focal_length: float, image_size: tuple[int, int], centre: tuple[float, float],
         cull_back: bool) -> Raster:
    """As :func:`~cliff_ext.visualization.rasterize`, of checked points (V, 3) float32.

    Image rows grow downwards and so does clip space here, hence a buffer reads as an image and outer faces turn clockwise.
    """
    width, height = image_size
    vertices = points.numpy()
    raster = Raster(np.full((height, width), np.inf, np.float32), np.full((height, width), -1),
                    np.zeros((height, width, 3), np.float32))
    window = _window(vertices, focal_length, image_size, centre)
    if window is None:
        return raster
    screen = _local.screen
    context, program, buffer = screen.context, screen.program, screen.buffer((width, height))
    program['scale'] = 2 * focal_length / width, 2 * focal_length / height
    program['offset'] = 2 * centre[0] / width - 1, 2 * centre[1] / height - 1
    program['range'] = NEAR, max(float(vertices[:, 2].max()), 1.) * 1.01
    buffer.use()
    buffer.clear(-1., 0., 0., 0.)
    context.front_face = 'cw'
    flags = context.DEPTH_TEST | (context.CULL_FACE if cull_back else 0)
    context.enable_only(flags)
    data = context.buffer(np.ascontiguousarray(vertices[faces], np.float32).tobytes())
    array = context.vertex_array(program, [(data, '3f', 'position')])
    array.render()
    x, y, w, h = window
    pixels = np.frombuffer(buffer.read(viewport=window, components=4, dtype='f4'), np.float32).reshape(h, w, 4)
    array.release()
    data.release()
    area = np.s_[y:y + h, x:x + w]
    seen = pixels[..., 0] >= 0
    raster.face_index[area] = pixels[..., 0]
    raster.depth[area][seen] = pixels[seen, 3]
    first, second = pixels[seen, 1], pixels[seen, 2]
    raster.barycentric[area][seen] = np.stack([first, second, 1 - first - second], 1)
    return raster


def _window(vertices: np.ndarray, focal_length: float, image_size: tuple[int, int],
            centre: tuple[float, float]) -> tuple[int, int, int, int] | None:
    """x, y, width, height of the part of the picture that can show something; None if there is none."""
    depth = vertices[:, 2:]
    if depth.max() <= NEAR:
        return None
    if depth.min() <= NEAR:
        return (0, 0, *image_size)
    screen = vertices[:, :2] / depth * focal_length + np.array(centre)
    low = np.clip(np.floor(screen.min(0)), 0, image_size).astype(int)
    high = np.clip(np.ceil(screen.max(0)), 0, image_size).astype(int)
    if (high <= low).any():
        return None
    return (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
