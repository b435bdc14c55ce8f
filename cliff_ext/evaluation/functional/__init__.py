"""Pure measures. Inputs in metres and radians, results in millimetres and degrees."""

from . import mupots
from .absolute_pose import depth_order_accuracy, h36m_errors, root_average_precision, root_errors
from .boxes import box_iou, box_recall
from .human_mesh import joint_angle_errors, joint_errors, joint_rotations, match_people, orientation_error, pa_joint_errors
from .keypoints import keypoint_distance, keypoint_similarity
from .pose_sequence import (
    acceleration_distances,
    acceleration_errors,
    auc_3d,
    jitter,
    pck_2d,
    pck_3d,
    point_distances,
    root_relative,
    scale_align,
    scale_aligned_joint_errors,
    worst_frames,
)
from .tracking import TrackingReport, match_tracks

__all__ = [
    'TrackingReport', 'acceleration_distances', 'acceleration_errors', 'auc_3d', 'box_iou', 'box_recall',
    'depth_order_accuracy', 'h36m_errors', 'jitter', 'joint_angle_errors', 'joint_errors', 'joint_rotations',
    'keypoint_distance', 'keypoint_similarity', 'match_people', 'match_tracks', 'mupots', 'orientation_error',
    'pa_joint_errors', 'pck_2d', 'pck_3d', 'point_distances', 'root_average_precision', 'root_errors', 'root_relative',
    'scale_align', 'scale_aligned_joint_errors', 'worst_frames'
]
