"""Files in and out: video, images, checkpoints, body models, tracks, poses. Nothing here runs code from a file."""

from .atomic import atomic_path
from .checkpoint import CheckpointError, load_checkpoint, load_weights
from .mupots_file import MuPoTSImage, load_mupots, mupots_name, save_mupots
from .object_arrays import load_object_arrays
from .pose_file import open_pose_file
from .pose_table import PoseFile
from .smpl_file import UnsafePickleError, load_smpl_file
from .source import FrameSource, MediaError, open_source
from .track_file import TrackFile, load_tracks, save_cliff_npz, save_tracks
from .video import VideoReader, VideoWriter
from .zoo import resolve

__all__ = [
    'CheckpointError', 'FrameSource', 'MediaError', 'MuPoTSImage', 'PoseFile', 'TrackFile', 'UnsafePickleError',
    'VideoReader', 'VideoWriter', 'atomic_path', 'load_checkpoint', 'load_mupots', 'load_object_arrays', 'load_smpl_file',
    'load_tracks', 'load_weights', 'mupots_name', 'open_pose_file', 'open_source', 'resolve', 'save_cliff_npz',
    'save_mupots', 'save_tracks'
]
