from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cliff_ext.datasets.converters import COCO
from cliff_ext.structures import get_skeleton


@pytest.fixture
def raw(tmp_path) -> Path:
    """An image with a whole person, a crowd, half a person and one whose box has no area; one without people."""
    whole = np.concatenate([np.arange(34).reshape(17, 2) + 10, np.full((17, 1), 2)], 1)
    whole[0, 2] = 0
    half = whole.copy()
    half[11:, 2] = 0
    people = [dict(keypoints=whole, bbox=[5, 6, 40, 50]), dict(keypoints=whole, bbox=[5, 6, 40, 50], iscrowd=1),
              dict(keypoints=half, bbox=[5, 6, 40, 50]), dict(keypoints=whole, bbox=[5, 6, 0, 50])]
    notes = [dict(note, id=i, image_id=7, keypoints=note['keypoints'].ravel().tolist()) for i, note in enumerate(people)]
    content = dict(images=[dict(id=7, file_name='COCO_train2014_000000000007.jpg', width=64, height=80),
                           dict(id=8, file_name='COCO_train2014_000000000008.jpg', width=64, height=80)], annotations=notes)
    (tmp_path / 'annotations').mkdir()
    (tmp_path / 'annotations' / 'person_keypoints_train2014.json').write_text(json.dumps(content))
    return tmp_path


def rows_of(dataset: COCO) -> list:
    return [row for step in dataset.steps() for row in dataset.rows(step)]


def test_people_with_enough_joints(raw):
    dataset = COCO(raw)
    row, = rows_of(dataset)
    assert row.image_path == 'train2014/COCO_train2014_000000000007.jpg' and row.image_size == (64, 80)
    np.testing.assert_array_equal(row.bbox, [5, 6, 45, 56])
    spin49 = get_skeleton('spin49')
    np.testing.assert_array_equal(row.keypoints2d[spin49.index('gt_left_shoulder')], [20, 21, 1])
    assert row.keypoints2d[spin49.index('gt_nose'), 2] == 0 and row.keypoints2d[:25].max() == 0
    assert dict(dataset.skipped) == {'crowd or no keypoints': 1, 'fewer than 12 joints': 1, 'box without area': 1}


def test_fewer_joints_on_request(raw):
    assert len(rows_of(COCO(raw, min_joints=6))) == 2


def test_a_missing_file_is_named(raw):
    with pytest.raises(FileNotFoundError, match='person_keypoints_val2017.json'):
        COCO(raw, 'val2017')


def test_the_miniature_trains(raw, train_and_evaluate):
    train_and_evaluate(COCO(raw, min_joints=6))
