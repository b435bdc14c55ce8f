"""Rendered people become HumanData that projects onto itself."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import project_points, rotvec_to_rotmat
from cliff_ext.io import load_human_data, save_human_data


@pytest.fixture
def to_human_data(repo_root):
    spec = importlib.util.spec_from_file_location('to_human_data', repo_root / 'projects/synthetic_humans/to_human_data.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_shard_becomes_people_with_all_that_is_known(to_human_data, tmp_path):
    rng = np.random.default_rng(0)
    count, focal = 3, np.array([500., 500., 700.], np.float32)
    pose = rotvec_to_rotmat(torch.from_numpy(rng.normal(size=(count, 24, 3)) * 0.2)).numpy()
    size = np.array([[640, 480], [640, 480], [480, 640]])
    boxes = np.array([[300, 200, 340, 300], [560, 200, 640, 300], [200, 500, 280, 640]], np.float32)
    transl = rng.normal(size=(count, 3)) * 0.3 + [0, 0, 5]
    np.savez(tmp_path / 'shard_0.npz', frame=[7, 7, 12], bbox=boxes, size=size, focal=focal, global_orient=pose[:, 0],
             body_pose=pose[:, 1:], betas=rng.normal(size=(count, 10)), transl=transl, crops=np.zeros(3))
    body = SMPL()
    save_human_data(tmp_path / 'people.npz', to_human_data.read_shard(tmp_path / 'shard_0.npz', body))
    people = load_human_data(tmp_path / 'people.npz')
    assert people.image_path.tolist() == ['images/000007.jpg', 'images/000007.jpg', 'images/000012.jpg']
    assert people.action.tolist() == ['middle', 'border', 'border']
    assert people.has_smpl.all() and people.has_betas.all() and people.has_transl.all()
    orient, pose = (rotvec_to_rotmat(torch.from_numpy(value)) for value in (people.global_orient, people.body_pose))
    joints = body(orient, pose, torch.from_numpy(people.betas), torch.from_numpy(people.transl)).joints
    points = project_points(joints, torch.from_numpy(people.focal_length), torch.from_numpy(people.image_size) / 2)
    np.testing.assert_allclose(people.keypoints2d[..., :2], points.numpy(), atol=0.05)
    np.testing.assert_allclose(people.keypoints3d[..., :3], joints.numpy(), atol=1e-4)
    np.testing.assert_allclose(people.transl, transl, atol=1e-5)
