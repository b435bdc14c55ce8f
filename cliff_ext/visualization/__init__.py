"""Pictures: meshes and skeletons over the frame, from the side and from above; boxes. No display needed, and no GL."""

from .boxes import draw_boxes, track_color
from .fit import FitPanels, plot_reprojection
from .motion import MotionPanels
from .motion_plot import plot_joint
from .overlay import MeshOverlay, shade
from .raster import Raster, vertex_normals
from .rasterizer import fastest_backend, rasterize
from .scene import SceneCamera
from .side_view import SideView
from .skeletons import SkeletonOverlay, SkeletonView, draw_skeletons
from .training_curves import plot_curves, read_curves
from .visualizer import HumanMeshVisualizer

__all__ = [
    'FitPanels', 'HumanMeshVisualizer', 'MeshOverlay', 'MotionPanels', 'Raster', 'SceneCamera', 'SideView',
    'SkeletonOverlay', 'SkeletonView', 'draw_boxes', 'draw_skeletons', 'fastest_backend', 'plot_curves', 'plot_joint',
    'plot_reprojection', 'rasterize', 'read_curves', 'shade', 'track_color', 'vertex_normals'
]
