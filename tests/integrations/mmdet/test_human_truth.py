"""Truth about bodies goes to the box of the same person, whatever the boxes' order and the picture's size."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData

from cliff_ext.integrations.mmdet import AddHumanTruth
from cliff_ext.integrations.mmdet.human_truth import TRUTH
from cliff_ext.io import HumanData, load_human_data, save_human_data


@pytest.fixture
def transform(mot_data: Path) -> AddHumanTruth:
    return AddHumanTruth(str(mot_data / 'annotations/people.npz'), str(mot_data / 'train'))


@pytest.fixture
def people(mot_data: Path) -> HumanData:
    """Those of the first frame."""
    data = load_human_data(mot_data / 'annotations/people.npz')
    return data[data.image_path == 'demo_clip/img1/000001.jpg']


def packed(mot_data: Path, bboxes: np.ndarray, **meta) -> dict:
    sample = DetDataSample(metainfo=dict(img_path=str(mot_data / 'train/demo_clip/img1/000001.jpg'), **meta))
    sample.gt_instances = InstanceData(bboxes=torch.tensor(bboxes, dtype=torch.float32).reshape(-1, 4))
    return dict(data_samples=sample)


def test_each_box_gets_its_own_person(transform, people, mot_data):
    assert len(people) == 3
    order = [2, 0, 1]
    boxes = np.concatenate([people.bbox[order] * 0.5 + 1, [[0, 0, 4, 4]]])
    truth = transform(packed(mot_data, boxes, scale_factor=(0.5, 0.5)))['data_samples'].gt_instances
    assert truth.has_smpl.tolist() == [1, 1, 1, 0]
    torch.testing.assert_close(truth.betas[:3], torch.from_numpy(people.betas[order]))
    torch.testing.assert_close(truth.keypoints2d[:3], torch.from_numpy(people.keypoints2d[order]))
    assert truth.keypoints2d[:3, :, 0].max() > 320, 'pixels of the original image'
    assert truth.keypoints2d[3].abs().max() == 0
    assert {name: truth[name].dtype for name in TRUTH} == dict.fromkeys(TRUTH, torch.float32)


def test_pictures_that_nobody_annotated_and_pictures_without_boxes(transform, mot_data):
    strange = packed(mot_data, [[1, 2, 3, 4]])
    strange['data_samples'].set_metainfo(dict(img_path='elsewhere.jpg'))
    assert transform(strange)['data_samples'].gt_instances.has_smpl.tolist() == [0]
    empty = transform(packed(mot_data, np.zeros((0, 4))))['data_samples'].gt_instances
    assert empty.body_pose.shape == (0, 23, 3, 3)


def test_betas_of_other_genders_count_as_unknown(people, mot_data, tmp_path):
    people.gender = np.array(['female', 'neutral', 'male'])
    save_human_data(tmp_path / 'people.npz', people)
    transform = AddHumanTruth(str(tmp_path / 'people.npz'), str(mot_data / 'train'))
    truth = transform(packed(mot_data, people.bbox))['data_samples'].gt_instances
    assert truth.has_betas.tolist() == [0, 1, 0]
    assert truth.has_smpl.tolist() == [1, 1, 1]


def test_a_mirrored_picture_is_refused(transform, people, mot_data):
    with pytest.raises(ValueError, match='without RandomFlip'):
        transform(packed(mot_data, people.bbox, flip=True))
