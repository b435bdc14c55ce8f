"""Datasets and their transforms."""

from .absolute_pose import AbsolutePoseDataset
from .absolute_pose_layouts import COCOLayout, Human36MLayout, MPIILayout, MuCoLayout, MuPoTSLayout
from .collate import collate_samples
from .human_data_poses import HumanDataPoseLayout
from .human_image import HumanMeshDataset
from .human_layouts import BedlamLayout, CliffLayout, HumanDataLayout, SpinLayout
from .mixed import MixedHumanDataset
from .people import People
from .pose_layouts import FlatLayout, MultiViewLayout, PoseSequence, SmoothNetLayout, fill_gaps, pose_to_rot6d
from .pose_sequence import MixedPoseDataset, PoseSequenceDataset
from .pose_sources import SOURCES, PoseSource, get_source
from .samplers import BalancedBatchOrder

__all__ = [
    'AbsolutePoseDataset', 'BalancedBatchOrder', 'BedlamLayout', 'COCOLayout', 'CliffLayout', 'FlatLayout',
    'Human36MLayout', 'HumanDataLayout', 'HumanDataPoseLayout', 'HumanMeshDataset', 'MPIILayout', 'MixedHumanDataset',
    'MixedPoseDataset', 'MuCoLayout', 'MuPoTSLayout', 'MultiViewLayout', 'People', 'PoseSequence', 'PoseSequenceDataset',
    'PoseSource', 'SOURCES', 'SmoothNetLayout', 'SpinLayout', 'collate_samples', 'fill_gaps', 'get_source', 'pose_to_rot6d'
]
