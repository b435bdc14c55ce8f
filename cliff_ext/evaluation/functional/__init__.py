"""Pure measures. Inputs in metres and radians, results in millimetres and degrees."""

from .boxes import box_iou, box_recall
from .human_mesh import joint_errors, orientation_error, pa_joint_errors
from .tracking import TrackingReport, match_tracks

__all__ = [
    'TrackingReport', 'box_iou', 'box_recall', 'joint_errors', 'match_tracks', 'orientation_error', 'pa_joint_errors'
]
