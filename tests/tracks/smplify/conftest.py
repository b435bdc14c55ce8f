"""A person whose true pose, estimate and keypoints are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.structures import HumanTrack, joint_map
from cliff_ext.tracks.smplify import project_joints

SKELETON = 'coco17'


@pytest.fixture(scope='session')
def body() -> SMPL:
    return SMPL()


@pytest.fixture(scope='session')
def projector(body) -> SMPLJoints:
    return SMPLJoints(body, joint_map('spin49', SKELETON)[1].tolist())


@pytest.fixture(scope='session')
def person(projector):
    """Makes (truth, estimate): the truth waves slowly, the estimate is off, both carry the truth's keypoints."""

    def make(frames: int = 3, noise: float = 0.1, pixels: float = 0., seed: int = 0) -> tuple[HumanTrack, HumanTrack]:
        rng = np.random.default_rng(seed)
        t = np.arange(frames)[:, None]
        pose = np.zeros((frames, 24, 3))
        pose[:, 0] = [np.pi, 0, 0]
        pose[:, 16], pose[:, 17] = [0, 0, -0.9], [0, 0, 0.9]
        pose[:, 18] = 0.5 * np.sin(0.1 * t) * [0., 1., 0.] - [0, 0.8, 0]
        pose[:, 4] = (0.3 + 0.2 * np.sin(0.15 * t)) * [1., 0., 0.]
        transl = np.array([0.1, 0.2, 4.]) + 0.01 * t * [1., 0., 0.]
        truth = _track(pose, transl)
        wrong = np.concatenate([pose[:, :1], pose[:, 1:] + noise * rng.normal(size=pose[:, 1:].shape)], 1)
        points = project_joints(truth, projector) + pixels * rng.normal(size=(frames, len(projector.joints), 2))
        keypoints = np.concatenate([points, np.full((*points.shape[:2], 1), 0.9)], -1)
        marks = dict(keypoints2d=keypoints, keypoints2d_skeleton=SKELETON)
        low, high = points.min(1) - 10, points.max(1) + 10
        boxes = dict(bboxes=np.concatenate([low, high], 1))
        estimate = _track(wrong, transl + 0.05 * noise * rng.normal(size=transl.shape))
        return truth.replace(**marks, **boxes), estimate.replace(**marks, **boxes)

    return make


def _track(pose: np.ndarray, transl: np.ndarray) -> HumanTrack:
    count = len(pose)
    rotmats = rotvec_to_rotmat(torch.from_numpy(pose)).numpy()
    return HumanTrack(
        track_id=3, frame_ids=np.arange(count), bboxes=np.zeros((count, 4)), scores=np.ones(count),
        filled=np.zeros(count, bool), global_orient=rotmats[:, 0], body_pose=rotmats[:, 1:], betas=np.zeros((count, 10)),
        transl=transl, focal_length=np.full(count, 800.), image_size=(640, 480))
