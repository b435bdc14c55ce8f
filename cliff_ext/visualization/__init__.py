"""Pictures: mesh overlay, side view, boxes. No GL and no display needed."""

from .rasterizer import Raster, rasterize, vertex_normals

__all__ = ['Raster', 'rasterize', 'vertex_normals']
