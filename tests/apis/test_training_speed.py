import uuid

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from cliff_ext.apis.training_speed import training_speed
from cliff_ext.io import HumanData, save_human_data


@pytest.fixture
def config(repo_root, tmp_path):
    """Four people in plain pictures and the shipped recipe's miniature, mixed of two data sets."""
    cv2.imwrite(str(tmp_path / 'a.png'), np.zeros((60, 80, 3), np.uint8))
    points = np.random.default_rng(0).uniform(10, 50, (4, 49, 3))
    save_human_data(tmp_path / 'a.npz', HumanData(['a.png'] * 4, [[10, 10, 50, 50]] * 4, dataset='toy', keypoints2d=points,
                                                  keypoints2d_skeleton='spin49'))
    cfg = Config.fromfile(repo_root / 'configs/cliff/cliff_res18_1xb64-30e_synthetic-128x96.py')
    one = cfg.train_dataloader.dataset
    one.layout.file, one.image_root = str(tmp_path / 'a.npz'), str(tmp_path)
    cfg.train_dataloader.dataset = dict(type='MixedHumanDataset', datasets=[one, one], partition=[1, 1])
    cfg.train_dataloader.num_workers, cfg.train_dataloader.batch_size = 0, 2
    cfg.merge_from_dict({'model.backbone.base_channels': 8, 'model.head.in_channels': 64, 'model.head.hidden': 64,
                         'experiment_name': str(uuid.uuid4()), 'visualizer.name': str(uuid.uuid4())})
    return cfg


def test_data_steps_and_transforms_are_timed(config):
    speed = training_speed(config, batches=2)
    assert speed.data > 0 and speed.step > 0 and speed.peak_memory > 0 and speed.batch_size == 2 and speed.workers == 0
    assert list(speed.transforms) == ['0 toy', '1 toy']
    assert list(speed.transforms['0 toy'])[:2] == ['annotation', 'LoadHumanImage']
    assert all(value > 0 for value in speed.transforms['1 toy'].values())


def test_data_alone_need_no_step(config):
    assert training_speed(config, batches=1, only_data=True).step is None
