"""The nine conversions of ``pytorch3d.transforms`` that mmhuman3d uses, over roma.

Convention:
    As PyTorch3D's: quaternions have the real part first; 6D is the first two *rows* of the matrix; Euler angles are about
    the moving axes in the order that ``convention`` names, as ``'XYZ'``.
"""

from __future__ import annotations

import roma
import torch
from torch import Tensor

from cliff_ext.geometry import quat_to_rotmat, rot6d_to_rotmat, rotmat_to_quat, rotmat_to_rotvec, rotvec_to_rotmat

__all__ = [
    'axis_angle_to_matrix', 'axis_angle_to_quaternion', 'euler_angles_to_matrix', 'matrix_to_euler_angles',
    'matrix_to_quaternion', 'matrix_to_rotation_6d', 'quaternion_to_axis_angle', 'quaternion_to_matrix',
    'rotation_6d_to_matrix'
]


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """(..., 3) to (..., 3, 3)."""
    return rotvec_to_rotmat(axis_angle)


def axis_angle_to_quaternion(axis_angle: Tensor) -> Tensor:
    """(..., 3) to (..., 4)."""
    return _real_first(roma.rotvec_to_unitquat(axis_angle))


def quaternion_to_axis_angle(quaternions: Tensor) -> Tensor:
    """(..., 4) to (..., 3)."""
    return rotmat_to_rotvec(quaternion_to_matrix(quaternions))


def quaternion_to_matrix(quaternions: Tensor) -> Tensor:
    """(..., 4) to (..., 3, 3)."""
    return quat_to_rotmat(quaternions.roll(-1, -1))


def matrix_to_quaternion(matrix: Tensor) -> Tensor:
    """(..., 3, 3) to (..., 4)."""
    return _real_first(rotmat_to_quat(matrix))


def matrix_to_rotation_6d(matrix: Tensor) -> Tensor:
    """(..., 3, 3) to (..., 6)."""
    return matrix[..., :2, :].flatten(-2)


def rotation_6d_to_matrix(d6: Tensor) -> Tensor:
    """(..., 6) to (..., 3, 3)."""
    return rot6d_to_rotmat(d6.unflatten(-1, (2, 3)).mT.flatten(-2)).mT


def euler_angles_to_matrix(euler_angles: Tensor, convention: str) -> Tensor:
    """(..., 3) radians to (..., 3, 3)."""
    return roma.euler_to_rotmat(convention.upper(), euler_angles)


def matrix_to_euler_angles(matrix: Tensor, convention: str) -> Tensor:
    """(..., 3, 3) to (..., 3) radians."""
    return roma.rotmat_to_euler(convention.upper(), matrix)


def _real_first(quat: Tensor) -> Tensor:
    """xyzw to wxyz with a real part that is not negative."""
    quat = quat.roll(1, -1)
    return torch.where(quat[..., :1] < 0, -quat, quat)
