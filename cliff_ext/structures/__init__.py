"""The types that cross rooms: one person through time, and the names of joints."""

from .absolute_pose_sample import AbsolutePoseSample
from .data_sample import HumanDataSample
from .full_frame import FullFrame
from .human_track import HumanTrack
from .human_truth import MIRROR, HumanTruth, mirrored_order
from .pose_sample import PoseSample
from .skeletons import SPIN49_FROM_SMPL54, SPIN49_TO_J14, Skeleton, get_skeleton, joint_map, list_skeletons, map_joints

__all__ = [
    'AbsolutePoseSample', 'FullFrame', 'HumanDataSample', 'HumanTrack', 'HumanTruth', 'MIRROR', 'PoseSample',
    'SPIN49_FROM_SMPL54', 'SPIN49_TO_J14', 'Skeleton', 'get_skeleton', 'joint_map', 'list_skeletons', 'map_joints',
    'mirrored_order'
]
