"""SMPL parameters from a data set's world into the camera, and the joints that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.structures import SPIN49_FROM_SMPL54

CHUNK = 64
GENDERS = dict(m='male', f='female', male='male', female='female', neutral='neutral')
"""What data sets write, and the body model's name."""


@dataclass
class Camera:
    """A pinhole camera: intrinsics (3, 3) pixels, image size (width, height)."""

    intrinsics: np.ndarray
    image_size: tuple[int, int]

    @property
    def focal_length(self) -> float:
        """Mean of the two focal lengths, pixels."""
        return float((self.intrinsics[0, 0] + self.intrinsics[1, 1]) / 2)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (..., K, 3) of the camera to pixels and confidence (..., K, 3); 0 where not in front of the camera."""
        front = points[..., 2] > 1e-3
        pixels = points @ self.intrinsics.T
        pixels = pixels[..., :2] / np.where(front, points[..., 2], 1)[..., None]
        return np.concatenate([pixels, front[..., None]], -1).astype(np.float32) * front[..., None]

    def recentre(self, transl: np.ndarray, pelvis: np.ndarray) -> np.ndarray:
        """Translations (N, 3) for a principal point in the image's centre and one focal length.

        The pelvis (N, 3) then projects where it did; joints nearer or farther by d are off by d times the principal
        point's distance from the centre over the focal length (half a centimetre for half a metre in Human3.6M).
        """
        pixels = self.project(pelvis[:, None])[:, 0, :2] - np.array(self.image_size) / 2
        lateral = pixels * pelvis[:, 2:] / self.focal_length
        return transl + np.concatenate([lateral - pelvis[:, :2], np.zeros_like(lateral[:, :1])], 1)


def smpl_to_camera(global_orient: np.ndarray, transl: np.ndarray, rest_pelvis: np.ndarray, rotation: np.ndarray,
                   translation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """SMPL's root in another frame, x' = A x + b.

    SMPL turns about its pelvis at rest p, not about the origin, x = R (v − p) + p + t; so R' = A R and
    t' = A (p + t) + b − p.

    Args:
        global_orient: (N, 3) rotation vectors R.
        transl: (N, 3) metres t.
        rest_pelvis: (N, 3) or (3,) metres p.
        rotation: (N, 3, 3) or (3, 3) A.
        translation: (N, 3) or (3,) b, metres.

    Returns:
        global_orient (N, 3) and transl (N, 3).
    """
    pelvis = np.einsum('...ij,...j->...i', rotation, rest_pelvis + transl) + translation
    return rotate_root(global_orient, rotation), (pelvis - rest_pelvis).astype(np.float32)


def rotate_root(global_orient: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Rotation vectors (N, 3) turned by matrices (N, 3, 3) or (3, 3) from the left."""
    rotmat = rotvec_to_rotmat(torch.from_numpy(np.asarray(global_orient, np.float64)))
    return rotmat_to_rotvec(torch.from_numpy(np.asarray(rotation, np.float64)) @ rotmat).float().numpy()


class BodyModels:
    """SMPL of each gender, loaded when first asked for.

    Args:
        path: Folder with ``SMPL_{NEUTRAL,MALE,FEMALE}``, one file for all, or ``open`` for the open body that ships.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = None if str(path) == 'open' else path
        self.models: dict[str, SMPL] = {}

    def model(self, gender: str) -> SMPL:
        """The body of a gender."""
        if gender not in self.models:
            self.models[gender] = SMPL(self.path, gender).eval()
        return self.models[gender]

    def rest_pelvis(self, betas: np.ndarray, gender: str) -> np.ndarray:
        """Pelvis (3,) of the unposed body with the shape (10,), metres."""
        identity = torch.eye(3).expand(1, 24, 3, 3)
        with torch.no_grad():
            out = self.model(gender)(identity[:, 0], identity[:, 1:], torch.as_tensor(betas, dtype=torch.float32)[None])
        return out.smpl_joints[0, 0].double().numpy()

    def joints(self, global_orient: np.ndarray, body_pose: np.ndarray, betas: np.ndarray, transl: np.ndarray,
               gender: str) -> np.ndarray:
        """Joints (N, 49, 4), skeleton ``spin49`` with confidence 1, of rotation vectors (N, 3), (N, 23, 3)."""
        rows = [torch.as_tensor(np.asarray(a), dtype=torch.float32) for a in (global_orient, body_pose, betas, transl)]
        parts = [np.zeros((0, 49, 3), np.float32)]
        with torch.no_grad():
            for root, pose, shape, shift in zip(*(array.split(CHUNK) for array in rows), strict=True):
                out = self.model(gender)(rotvec_to_rotmat(root), rotvec_to_rotmat(pose), shape, shift)
                parts.append(out.joints.numpy())
        joints = np.concatenate(parts)
        return np.concatenate([joints, np.ones_like(joints[..., :1])], -1)


def smpl24_in_spin49(joints: np.ndarray) -> np.ndarray:
    """SMPL's 24 joints (..., 24, C), confidence last, in the slots of ``spin49`` that are those joints; others 0."""
    known = np.flatnonzero(SPIN49_FROM_SMPL54 < 24)
    mapped = np.zeros((*joints.shape[:-2], 49, joints.shape[-1]), np.float32)
    mapped[..., known, :] = joints[..., SPIN49_FROM_SMPL54[known], :]
    return mapped
