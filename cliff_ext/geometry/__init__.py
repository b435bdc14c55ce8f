"""Pure geometry on tensors: rotations, cameras, crops, Procrustes. No configs, no registries, no files."""

from .camera import (
    BOX_UNIT,
    INFO_OFFSET,
    INFO_SIZE,
    INFO_SPREAD,
    bbox_info,
    crop_cam_to_transl,
    estimate_focal_length,
    project_points,
    transl_to_crop_cam,
)
from .crop import bbox_to_center_scale, crop_corners, crop_image, crop_moved_image, crop_moved_labels, move_pixels
from .occlusion import occlusion_cue
from .patch import crop_patch, mirror_bbox, move_points, patch_affine, patch_bbox, patch_to_camera, root_depth_factor
from .pinhole import camera_to_pixels, pixels_to_camera, world_to_camera
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
    'BOX_UNIT', 'INFO_OFFSET', 'INFO_SIZE', 'INFO_SPREAD', 'Similarity', 'bbox_info', 'bbox_to_center_scale',
    'camera_to_pixels', 'crop_cam_to_transl', 'crop_corners', 'crop_image', 'crop_moved_image', 'crop_moved_labels',
    'crop_patch', 'estimate_focal_length', 'fit_similarity', 'geodesic_distance', 'mirror_bbox', 'move_pixels',
    'move_points', 'occlusion_cue', 'patch_affine', 'patch_bbox', 'patch_to_camera', 'pixels_to_camera', 'procrustes_align',
    'project_points', 'quat_to_rotmat', 'root_depth_factor', 'rot6d_to_rotmat', 'rotmat_to_quat', 'rotmat_to_rot6d',
    'rotmat_to_rotvec', 'rotvec_to_rotmat', 'transl_to_crop_cam', 'world_to_camera'
]
