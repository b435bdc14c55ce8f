"""MMEngine metrics: what a test run reports."""

from .absolute_pose import Human36MPoseMetric, RootMetric
from .human_mesh import HumanMeshMetric
from .matched_human_mesh import MatchedHumanMeshMetric
from .mupots import MuPoTSMetric
from .pose_sequence import Keypoints2DMetric, Keypoints3DMetric, PoseSequenceMetric, SMPLSequenceMetric

__all__ = [
    'Human36MPoseMetric', 'HumanMeshMetric', 'Keypoints2DMetric', 'Keypoints3DMetric', 'MatchedHumanMeshMetric',
    'MuPoTSMetric', 'PoseSequenceMetric', 'RootMetric', 'SMPLSequenceMetric'
]
