"""Networks that refine pose sequences, and the windows they see a sequence through; free of mmcv and mmdet."""

from .windows import average_windows, refine_sequence, window_starts

__all__ = ['average_windows', 'refine_sequence', 'window_starts']
