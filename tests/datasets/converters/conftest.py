"""A person before a moving camera, from which each test writes its own miniature of a raw download."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import rotvec_to_rotmat


@dataclass
class Scene:
    """T frames of one person of the open body; world y up or any other frame, camera y down.

    Attributes:
        pose (T, 72), betas (10,), trans (T, 3): SMPL in the world.
        extrinsics (T, 4, 4), intrinsics (3, 3), size: The camera.
        joints24 (T, 24, 3): In the world.
        seen (T, 49, 3): In the camera.
        pixels (T, 49, 2): Where the camera shows them.
        vertices (T, V, 3): In the camera.
    """

    pose: np.ndarray
    betas: np.ndarray
    trans: np.ndarray
    extrinsics: np.ndarray
    intrinsics: np.ndarray
    size: tuple[int, int]
    joints24: np.ndarray
    seen: np.ndarray
    pixels: np.ndarray
    vertices: np.ndarray


def pose_body(body: SMPL, pose: np.ndarray, betas: np.ndarray, trans: np.ndarray):
    """Open body of rotation vectors (T, 72), betas (T, 10), trans (T, 3)."""
    rotmats = rotvec_to_rotmat(torch.tensor(pose.reshape(len(pose), 24, 3), dtype=torch.float32))
    with torch.no_grad():
        return body(rotmats[:, 0], rotmats[:, 1:], torch.tensor(betas, dtype=torch.float32),
                    torch.tensor(trans, dtype=torch.float32))


@pytest.fixture(scope='session')
def body() -> SMPL:
    return SMPL().eval()


@pytest.fixture(scope='session')
def scene(body) -> Scene:
    frames, size = 3, (400, 640)
    rng = np.random.default_rng(0)
    pose = rng.normal(0, 0.15, (frames, 72))
    pose[:, :3] = [0.1, 0.4, -0.1]
    trans = rng.normal(0, 0.1, (frames, 3)) + [0.2, 1, -0.3]
    betas = rng.normal(0, 0.7, 10)
    turn = Rotation.from_euler('xyz', [[180, 5 * t, 3] for t in range(frames)], degrees=True).as_matrix()
    extrinsics = np.tile(np.eye(4), (frames, 1, 1))
    extrinsics[:, :3, :3] = turn
    extrinsics[:, :3, 3] = [[0.1, 0.9, 4.5 + 0.2 * t] for t in range(frames)]
    intrinsics = np.array([[610., 0, size[0] / 2], [0, 610, size[1] / 2], [0, 0, 1]])
    out = pose_body(body, pose, np.tile(betas, (frames, 1)), trans)

    def see(points: torch.Tensor) -> np.ndarray:
        return np.einsum('tij,tkj->tki', turn, points.double().numpy()) + extrinsics[:, None, :3, 3]

    seen = see(out.joints)
    pixels = seen @ intrinsics.T
    return Scene(pose, betas, trans, extrinsics, intrinsics, size, out.smpl_joints.double().numpy(), seen,
                 pixels[..., :2] / pixels[..., 2:], see(out.vertices))


@pytest.fixture
def check_body(body):
    """Asserts that a row's SMPL parameters pose the scene's body where the camera sees it."""

    def check(row, vertices: np.ndarray, atol: float = 2e-4) -> None:
        pose = np.concatenate([row.global_orient, row.body_pose.reshape(-1)])[None]
        out = pose_body(body, pose, row.betas[None], row.transl[None])
        np.testing.assert_allclose(out.vertices[0].numpy(), vertices, atol=atol)

    return check
