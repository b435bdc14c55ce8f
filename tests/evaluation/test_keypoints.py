from __future__ import annotations

import numpy as np
import pytest
import torch

from cliff_ext.evaluation.functional import keypoint_distance, keypoint_similarity
from cliff_ext.evaluation.functional.keypoints import BODY_SHARE

BOX = torch.tensor([[10., 20., 110., 220.]])


def coco_keypoints() -> torch.Tensor:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(20, 200, (1, 17, 2)), np.ones((1, 17, 1))], -1)
    return torch.tensor(points, dtype=torch.float32)


def test_it_is_cocos_similarity():
    """Against pycocotools' own, with the area it takes from the annotation."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    known = coco_keypoints()
    points = known[..., :2] + torch.linspace(-9, 9, 34).view(1, 17, 2)
    truth = COCO()
    area = BODY_SHARE * 100 * 200
    note = dict(id=1, image_id=1, category_id=1, iscrowd=0, area=area, bbox=[10, 20, 100, 200], num_keypoints=17,
                keypoints=(known * torch.tensor([1, 1, 2])).flatten().tolist())
    truth.dataset = dict(images=[dict(id=1)], categories=[dict(id=1)], annotations=[note])
    truth.createIndex()
    found = truth.loadRes([dict(image_id=1, category_id=1, score=1.,
                                keypoints=torch.cat([points, torch.ones(1, 17, 1)], -1).flatten().tolist())])
    judge = COCOeval(truth, found, 'keypoints')
    judge._prepare()
    wanted = judge.computeOks(1, 1)[0, 0]
    assert float(keypoint_similarity(points, known, BOX, 'coco17')) == pytest.approx(wanted, rel=1e-4)


def test_unknown_joints_do_not_count():
    known = coco_keypoints()
    points = known[..., :2].clone()
    points[0, 3] += 500
    known[0, 3, 2] = 0
    assert float(keypoint_similarity(points, known, BOX, 'coco17')) == pytest.approx(1)
    assert float(keypoint_distance(points, known, BOX)) == 0
    known[..., 2] = 0
    assert float(keypoint_similarity(points, known, BOX, 'coco17')) == 0


def test_distances_are_in_heights_of_the_box():
    known = coco_keypoints()
    assert float(keypoint_distance(known[..., :2] + torch.tensor([6., 8.]), known, BOX)) == pytest.approx(0.05)
