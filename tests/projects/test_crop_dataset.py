"""Context crops as a data set: what its loaders give, and that the config which uses it trains."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

PROJECT = Path(__file__).parents[2] / 'projects/synthetic_humans'
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

from crop_dataset import ContextCropDataset  # noqa: E402
from generate import make_shard  # noqa: E402
from poses import PoseSource  # noqa: E402
from to_human_data import read_shard  # noqa: E402

from cliff_ext.apis.training import train  # noqa: E402
from cliff_ext.body_models import SMPL, SMPLJoints  # noqa: E402
from cliff_ext.io import save_human_data  # noqa: E402
from cliff_ext.structures import FullFrame  # noqa: E402

CONFIG = 'projects/synthetic_humans/cliff_context-crops.py'
NARROW = {'model.backbone.base_channels': 8, 'model.neck.in_channels': (8, 16, 32, 64), 'model.neck.channels': 16,
          'model.neck.fine_channels': 8, 'model.neck.part_channels': 4, 'model.head.in_channels': 1360,
          'model.head.hidden': 32, 'model.auxiliary_losses.0.part_channels': 4,
          'model.auxiliary_losses.0.vector_channels': 1360}


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few rendered people."""
    folder = tmp_path_factory.mktemp('people')
    for name in ('images', 'surface'):
        (folder / name).mkdir()
    pose = np.tile(np.eye(3), (1, 24, 1, 1))
    pose[:, 0] = Rotation.from_euler('x', 90, degrees=True).as_matrix()
    assert make_shard(PoseSource(pose), folder, index=0, frames=5, seed=4) >= 8
    save_human_data(folder / 'people.npz', read_shard(folder / 'shard_0000.npz', SMPL().eval())[np.arange(8)])
    return folder


def test_samples_say_where_the_joints_are_seen(folder: Path) -> None:
    """Joints within the picture's height lie in or near the crop, however it was augmented."""
    data, joints = ContextCropDataset([folder, folder]), SMPLJoints(SMPL())
    half = len(data) // 2
    samples = data.__getitems__([0, half, 1])
    assert [tuple(item['inputs'].shape) for item in samples] == [(3, 128, 96)] * 3
    assert samples[0]['inputs'].dtype == torch.uint8
    truth = np.load(folder / 'shard_0000.npz')
    for item, row in zip(samples, (0, 1, 0), strict=True):  # sorted by folder
        sample = item['data_samples']
        known, frame = sample.gt_instances, FullFrame.of([sample], torch.device('cpu'))
        torch.testing.assert_close(known.betas[0], torch.from_numpy(truth['betas'][row]))
        turned = torch.cat([known.global_orient[:, None], known.body_pose], 1)
        places = joints(turned, known.betas, known.transl)
        points = places[0, :, :2] / places[0, :, 2:] * frame.focal_length + frame.image_size / 2
        off = (points - frame.center) / frame.box
        shown = (points[:, 1] > 0) & (points[:, 1] < frame.image_size[0, 1])
        assert (off[shown, 1].abs() < 0.75).all(), off


def test_samples_differ_from_time_to_time(folder: Path) -> None:
    data = ContextCropDataset([folder])
    first, second = data[2]['inputs'], data[2]['inputs']
    assert not torch.equal(first, second)


def test_no_folders_are_an_error() -> None:
    with pytest.raises(ValueError, match='names no folder'):
        ContextCropDataset([])


def test_a_folder_without_people_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='generate.py'):
        ContextCropDataset([tmp_path])


def test_the_config_trains_all_but_the_first_stage(folder: Path, tmp_path: Path) -> None:
    people = {'val_dataloader.dataset.image_root': str(folder), 'test_dataloader.dataset.image_root': str(folder),
              'val_dataloader.dataset.layout.file': str(folder / 'people.npz'),
              'test_dataloader.dataset.layout.file': str(folder / 'people.npz')}
    runner = train(CONFIG, work_dir=tmp_path, options={
        **NARROW, **people, 'train_dataloader.dataset.folders': [str(folder)], 'train_dataloader.batch_size': 4,
        'train_dataloader.num_workers': 0, 'val_dataloader.num_workers': 0, 'train_cfg.max_epochs': 6,
        'train_cfg.val_interval': 6, 'param_scheduler': [], 'optim_wrapper.optimizer.lr': 3e-3,
        'default_hooks.logger.interval': 1, 'log_processor.window_size': 1})
    log, = tmp_path.glob('*/vis_data/scalars.json')
    lines = [line for line in map(json.loads, log.read_text().splitlines()) if 'loss' in line]
    for name, share in (('loss_limbs', 0.7), ('loss_part_cell', 0.99)):
        first, last = (np.mean([line[name] for line in some]) for some in (lines[:3], lines[-3:]))
        assert last < share * first, name
    model = runner.model
    learning = {name.split('.')[0] for name, value in model.backbone.named_parameters() if value.requires_grad}
    assert learning == {'layer2', 'layer3', 'layer4'}
    assert model.neck.relations.change.weight.abs().max() > 0
