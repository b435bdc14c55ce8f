"""Pure geometry on tensors: rotations, cameras, crops, Procrustes. No configs, no registries, no files."""

from .camera import BOX_UNIT, bbox_info, crop_cam_to_transl, estimate_focal_length, project_points, transl_to_crop_cam
from .crop import bbox_to_center_scale, crop_corners, crop_image, crop_moved_image, move_pixels
from .procrustes import Similarity, fit_similarity, procrustes_align
from .rotation import (
                       geodesic_distance,
                       quat_to_rotmat,
                       rot6d_to_rotmat,
                       rotmat_to_quat,
                       rotmat_to_rot6d,
                       rotmat_to_rotvec,
                       rotvec_to_rotmat,
)

__all__ = [
    'BOX_UNIT', 'Similarity', 'bbox_info', 'bbox_to_center_scale', 'crop_cam_to_transl', 'crop_corners', 'crop_image',
    'crop_moved_image', 'estimate_focal_length', 'fit_similarity', 'geodesic_distance', 'move_pixels', 'procrustes_align',
    'project_points', 'quat_to_rotmat', 'rot6d_to_rotmat', 'rotmat_to_quat', 'rotmat_to_rot6d', 'rotmat_to_rotvec',
    'rotvec_to_rotmat', 'transl_to_crop_cam'
]
