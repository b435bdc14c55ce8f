"""MMEngine metrics: what a test run reports."""

from .human_mesh import HumanMeshMetric
from .pose_sequence import Keypoints2DMetric, Keypoints3DMetric, PoseSequenceMetric, SMPLSequenceMetric

__all__ = ['HumanMeshMetric', 'Keypoints2DMetric', 'Keypoints3DMetric', 'PoseSequenceMetric', 'SMPLSequenceMetric']
