"""Pictures: mesh overlay, side view, boxes. No display needed, and no GL."""

from .boxes import draw_boxes, track_color
from .motion import MotionPanels
from .motion_plot import plot_joint
from .overlay import MeshOverlay, shade
from .raster import Raster, vertex_normals
from .rasterizer import fastest_backend, rasterize
from .side_view import SideView
from .visualizer import HumanMeshVisualizer

__all__ = [
    'HumanMeshVisualizer', 'MeshOverlay', 'MotionPanels', 'Raster', 'SideView', 'draw_boxes', 'fastest_backend',
    'plot_joint', 'rasterize', 'shade', 'track_color', 'vertex_normals'
]
