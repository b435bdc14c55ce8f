"""MMEngine metrics: what a test run reports."""

from .pose_sequence import Keypoints2DMetric, Keypoints3DMetric, PoseSequenceMetric, SMPLSequenceMetric

__all__ = ['Keypoints2DMetric', 'Keypoints3DMetric', 'PoseSequenceMetric', 'SMPLSequenceMetric']
