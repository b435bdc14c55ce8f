"""Rotation conversions over `roma`, for any leading shape. Not for composing transforms: that is a matrix product.

Convention:
    Rotation matrices act on column vectors. ``rotvec`` is axis times angle in radians. ``quat`` is (x, y, z, w), as in
    roma. ``rot6d`` is the first two *columns* of the matrix interleaved, ``[r00, r01, r10, r11, r20, r21]``, as SPIN,
    CLIFF, SmoothNet and SynSP use it; pytorch3d stores the first two rows instead.
"""

from __future__ import annotations

import roma
import torch
from torch import Tensor
from torch.nn.functional import normalize


def rotvec_to_rotmat(rotvec: Tensor) -> Tensor:
    """Axis-angle (..., 3), radians, to rotation matrices (..., 3, 3).

    Example:
        >>> rotvec_to_rotmat(torch.zeros(2, 3)).shape
        torch.Size([2, 3, 3])
    """
    return roma.rotvec_to_rotmat(_last(rotvec, 3, 'rotvec'))


def rotmat_to_rotvec(rotmat: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) to axis-angle (..., 3), angle in [0, pi]."""
    return roma.rotmat_to_rotvec(_matrix(rotmat))


def rotmat_to_quat(rotmat: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) to unit quaternions (..., 4), xyzw."""
    return roma.rotmat_to_unitquat(_matrix(rotmat))


def quat_to_rotmat(quat: Tensor) -> Tensor:
    """Quaternions (..., 4), xyzw, of any non-zero length, to rotation matrices (..., 3, 3)."""
    return roma.unitquat_to_rotmat(normalize(_last(quat, 4, 'quat'), dim=-1))


def rot6d_to_rotmat(rot6d: Tensor) -> Tensor:
    """6D representation (..., 6) to rotation matrices (..., 3, 3) by Gram-Schmidt on the columns [Zhou et al., 2019].

    A degenerate input (zero, or two parallel columns) gives zero columns rather than NaN.

    Example:
        >>> rot6d_to_rotmat(torch.tensor([1., 0., 0., 1., 0., 0.])).diagonal()
        tensor([1., 1., 1.])
    """
    columns = _last(rot6d, 6, 'rot6d').unflatten(-1, (3, 2))
    first = normalize(columns[..., 0], dim=-1)
    second = columns[..., 1]
    second = normalize(second - (first * second).sum(-1, keepdim=True) * first, dim=-1)
    third = torch.linalg.cross(first, second, dim=-1)
    return torch.stack([first, second, third], dim=-1)


def rotmat_to_rot6d(rotmat: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) to their first two columns, interleaved (..., 6)."""
    return _matrix(rotmat)[..., :2].flatten(-2)


def geodesic_distance(rotmat: Tensor, other: Tensor) -> Tensor:
    """Angle in radians, [0, pi], between rotation matrices (..., 3, 3) -> (...)."""
    relative = _matrix(rotmat).mT @ _matrix(other)
    skew = relative - relative.mT
    sine = torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], -1).norm(dim=-1)
    cosine = relative.diagonal(dim1=-2, dim2=-1).sum(-1) - 1
    return torch.atan2(sine, cosine)


def _last(value: Tensor, size: int, name: str) -> Tensor:
    if value.shape[-1:] != (size, ):
        raise ValueError(f'{name} must have shape (..., {size}), got {tuple(value.shape)}')
    return value


def _matrix(value: Tensor) -> Tensor:
    if value.shape[-2:] != (3, 3):
        raise ValueError(f'rotation matrices must have shape (..., 3, 3), got {tuple(value.shape)}')
    return value
