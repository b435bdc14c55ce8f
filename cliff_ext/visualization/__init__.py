"""Pictures: mesh overlay, side view, boxes. No GL and no display needed."""

from .boxes import draw_boxes, track_color
from .overlay import MeshOverlay, shade
from .rasterizer import Raster, rasterize, vertex_normals
from .side_view import SideView

__all__ = [
    'MeshOverlay', 'Raster', 'SideView', 'draw_boxes', 'rasterize', 'shade', 'track_color', 'vertex_normals'
]
