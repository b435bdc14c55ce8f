"""Networks that refine pose sequences, and the windows they see a sequence through; free of mmcv and mmdet."""

from .base import PoseRefiner, RefinerOutput
from .smoothnet import SmoothNet
from .synsp import SynSP
from .windows import average_windows, refine_sequence, window_starts

__all__ = [
    'PoseRefiner', 'RefinerOutput', 'SmoothNet', 'SynSP', 'average_windows', 'refine_sequence', 'window_starts'
]
