"""Files in and out: video, images, checkpoints, body models, tracks. Nothing here runs code from a file."""

from .atomic import atomic_path
from .checkpoint import CheckpointError, load_checkpoint, load_weights
from .smpl_file import UnsafePickleError, load_smpl_file
from .source import FrameSource, MediaError, open_source
from .track_file import TrackFile, load_tracks, save_cliff_npz, save_tracks
from .video import VideoReader, VideoWriter

__all__ = [
    'CheckpointError', 'FrameSource', 'MediaError', 'TrackFile', 'UnsafePickleError', 'VideoReader', 'VideoWriter',
    'atomic_path', 'load_checkpoint', 'load_smpl_file', 'load_tracks', 'load_weights', 'open_source',
    'save_cliff_npz', 'save_tracks'
]
