from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from cliff_ext.datasets.converters import MPII
from cliff_ext.structures import get_skeleton


def person(count: int) -> dict:
    points = [dict(x=float(100 + 3 * i), y=float(50 + 5 * i), id=i, is_visible='1') for i in range(count)]
    return dict(x1=1, y1=1, x2=2, y2=2, annopoints=dict(point=points), scale=1.5, objpos=dict(x=100, y=100))


def structs(items: list[dict]) -> np.ndarray:
    """Matlab's structure array (1, N)."""
    array = np.empty((1, len(items)), [(key, object) for key in items[0]])
    for i, item in enumerate(items):
        for key, value in item.items():
            array[0, i][key] = structs(value) if isinstance(value, list) and value else value
    return array


@pytest.fixture
def raw(tmp_path) -> Path:
    """Two training images (one with two people, one with none) and a test image."""
    whole, half = person(16), person(9)
    for note in (whole, half):
        note['annopoints'] = structs([dict(point=note['annopoints']['point'])])
    lists = [dict(image=dict(name='015601864.jpg'), annorect=structs([whole, half])),
             dict(image=dict(name='000000001.jpg'), annorect=np.zeros((0, 0))),
             dict(image=dict(name='000000002.jpg'), annorect=structs([whole]))]
    release = dict(annolist=structs(lists), img_train=np.array([[1, 1, 0]]),
                   act=structs([dict(act_name='curling', cat_name='winter', act_id=1) for _ in lists]))
    folder = tmp_path / 'mpii_human_pose_v1_u12_2'
    folder.mkdir()
    scipy.io.savemat(folder / 'mpii_human_pose_v1_u12_1.mat', dict(RELEASE=release))
    return tmp_path


def test_training_people_with_all_joints(raw):
    dataset = MPII(raw)
    row, = [row for step in dataset.steps() for row in dataset.rows(step)]
    assert row.image_path == 'images/015601864.jpg' and row.action == 'curling'
    spin49 = get_skeleton('spin49')
    np.testing.assert_array_equal(row.keypoints2d[spin49.index('gt_right_ankle')], [100, 50, 1])
    np.testing.assert_array_equal(row.keypoints2d[spin49.index('gt_thorax')], [121, 85, 1])
    assert row.keypoints2d[:, 2].sum() == 16
    np.testing.assert_allclose(row.bbox, [95.5, 42.5, 149.5, 132.5])
    assert dataset.skipped['fewer than 16 joints'] == 1


def test_fewer_joints_on_request(raw):
    dataset = MPII(raw, min_joints=9)
    assert len([row for step in dataset.steps() for row in dataset.rows(step)]) == 2


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='mpii_human_pose_v1_u12_1.mat'):
        MPII(tmp_path).steps()


def test_the_miniature_trains(raw, train_and_evaluate):
    train_and_evaluate(MPII(raw, min_joints=9))
