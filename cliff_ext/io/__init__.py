"""Files in and out: video, images, checkpoints, body models, tracks, poses, annotations. None of it runs code."""

from .atomic import atomic_path
from .checkpoint import CheckpointError, load_checkpoint, load_weights
from .human_data import HumanData, load_human_data, save_human_data
from .keypoint_file import KeypointFile, load_keypoints
from .mupots_file import MuPoTSImage, load_mupots, mupots_name, save_mupots
from .object_arrays import load_object_arrays
from .pose_file import open_pose_file
from .pose_prior_file import load_pose_prior
from .pose_table import PoseFile
from .smpl_file import UnsafePickleError, load_smpl_file
from .source import FrameSource, MediaError, open_source
from .track_file import TrackFile, load_tracks, save_cliff_npz, save_tracks
from .video import VideoReader, VideoWriter
from .zoo import resolve

__all__ = [
    'CheckpointError', 'FrameSource', 'HumanData', 'KeypointFile', 'MediaError', 'MuPoTSImage', 'PoseFile', 'TrackFile',
    'UnsafePickleError', 'VideoReader', 'VideoWriter', 'atomic_path', 'load_checkpoint', 'load_human_data', 'load_keypoints',
    'load_mupots', 'load_object_arrays', 'load_pose_prior', 'load_smpl_file', 'load_tracks', 'load_weights', 'mupots_name',
    'open_pose_file', 'open_source', 'resolve', 'save_cliff_npz', 'save_human_data', 'save_mupots', 'save_tracks'
]
