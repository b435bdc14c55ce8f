"""MMEngine metrics: what a test run reports."""

from .human_mesh import HumanMeshMetric
from .matched_human_mesh import MatchedHumanMeshMetric
from .pose_sequence import Keypoints2DMetric, Keypoints3DMetric, PoseSequenceMetric, SMPLSequenceMetric

__all__ = [
    'HumanMeshMetric', 'Keypoints2DMetric', 'Keypoints3DMetric', 'MatchedHumanMeshMetric', 'PoseSequenceMetric',
    'SMPLSequenceMetric'
]
