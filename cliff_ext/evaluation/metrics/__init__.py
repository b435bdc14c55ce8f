"""MMEngine metrics: what a test run reports."""

from .absolute_pose import Human36MPoseMetric, RootMetric
from .mupots import MuPoTSMetric
from .pose_sequence import Keypoints2DMetric, Keypoints3DMetric, PoseSequenceMetric, SMPLSequenceMetric

__all__ = [
    'Human36MPoseMetric', 'Keypoints2DMetric', 'Keypoints3DMetric', 'MuPoTSMetric', 'PoseSequenceMetric', 'RootMetric',
    'SMPLSequenceMetric'
]
