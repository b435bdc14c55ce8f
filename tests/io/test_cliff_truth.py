from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cliff_ext.datasets import CliffLayout
from cliff_ext.geometry import bbox_to_center_scale
from cliff_ext.io import HumanData
from cliff_ext.io.cliff_truth import save_cliff_truth


@pytest.fixture
def people() -> HumanData:
    rng = np.random.default_rng(0)
    return HumanData(image_path=['a.jpg', 'b.jpg'], bbox=[[10, 20, 100, 240], [0, 0, 300, 200]], dataset='coco',
                     keypoints2d=rng.uniform(0, 1, (2, 49, 3)), keypoints2d_skeleton='spin49',
                     global_orient=rng.normal(size=(2, 3)), body_pose=rng.normal(size=(2, 23, 3)),
                     betas=rng.normal(size=(2, 10)), transl=rng.normal(size=(2, 3)), focal_length=[500, 600],
                     has_smpl=[True, False], scores=[0.9, 0.1])


def test_the_reader_of_cliffs_files_reads_it(people, tmp_path):
    import torch
    center, scale = (value.numpy() for value in bbox_to_center_scale(torch.from_numpy(people.bbox)))
    joints = np.random.default_rng(1).normal(size=(2, 49, 3))
    save_cliff_truth(tmp_path / 'a.npz', people, center, scale, joints, np.array([7, 9]))
    found = CliffLayout(tmp_path / 'a.npz', 'coco').load()
    for name in ('global_orient', 'body_pose', 'betas', 'transl', 'focal_length', 'has_smpl'):
        np.testing.assert_array_equal(getattr(found, name), getattr(people, name))
    np.testing.assert_array_equal(found.keypoints2d[:, 25:], people.keypoints2d[:, 25:])
    again = bbox_to_center_scale(torch.from_numpy(found.bbox))
    np.testing.assert_allclose(again[0], center, rtol=1e-5)
    np.testing.assert_allclose(again[1], scale, rtol=1e-5)
    with np.load(tmp_path / 'a.npz') as content:
        assert content['annot_id'].tolist() == [7, 9] and content['S'].shape == (2, 24, 4)
        np.testing.assert_allclose(content['S'][0, 3, :3], joints[0, 28] - joints[0, 39], rtol=1e-5)


def test_what_is_missing_is_named(people, tmp_path):
    with pytest.raises(ValueError, match='transl'):
        save_cliff_truth(tmp_path / 'a.npz', replace(people, transl=None, has_transl=None), *[np.zeros(2)] * 4)
    with pytest.raises(ValueError, match='2 rows'):
        save_cliff_truth(tmp_path / 'a.npz', people, *[np.zeros(3)] * 4)
