"""Context crops as a data set: what its loaders give, and that the config which uses it trains."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import cv2
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
from cliff_ext.io import MediaError, save_human_data  # noqa: E402
from cliff_ext.structures import FullFrame, mirrored_order  # noqa: E402

CONFIG = 'projects/synthetic_humans/cliff_context-crops.py'
NARROW = {'model.backbone.base_channels': 8, 'model.neck.in_channels': (8, 16, 32, 64), 'model.neck.channels': 16,
          'model.neck.fine_channels': 8, 'model.neck.part_channels': 4, 'model.head.in_channels': 1360,
          'model.head.hidden': 32, 'model.auxiliary_losses.0.part_channels': 4,
          'model.auxiliary_losses.0.vector_channels': 1360, 'model.auxiliary_losses.1.channels': (16, 8)}


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


def test_samples_know_which_point_of_the_body_they_show(folder: Path) -> None:
    """Seen vertices project into the cells that name them, also where a sample was mirrored."""
    data, body, mirror = ContextCropDataset([folder], surface=True), SMPL(), torch.tensor([-1., 1., 1.])
    told = set()
    for item in [item for _ in range(4) for item in data.__getitems__(range(len(data)))]:
        sample = item['data_samples']
        seen, known, mirrored = sample.gt_surface.vertex[0].long(), sample.gt_instances, sample.gt_surface.mirrored
        told.add(mirrored)
        y, x = seen.nonzero().T
        assert seen.shape == (64, 48) and len(x) > 20
        frame = FullFrame.of([sample], torch.device('cpu'))
        turned, transl, pose = known.global_orient, known.transl, known.body_pose
        middle = frame.center
        if mirrored:  # back to the person as it was rendered
            flip = torch.diag(mirror)
            pose = flip @ torch.cat([turned[:, None], pose], 1)[:, mirrored_order('smpl24')] @ flip
            turned, pose, transl = pose[:, 0], pose[:, 1:], transl * mirror
            middle = torch.stack([frame.image_size[:, 0] - middle[:, 0], middle[:, 1]], 1)
        points = body(turned, pose, known.betas, transl).vertices[0, seen[y, x] - 1]
        pixels = points[:, :2] / points[:, 2:] * frame.focal_length + frame.image_size / 2
        off = (pixels - middle) / frame.box
        places = torch.stack([(x + 0.5) / 48 * 0.75 - 0.375, (y + 0.5) / 64 - 0.5], 1)
        places[:, 0] *= -1 if mirrored else 1
        assert float((off - places).norm(dim=1).median()) < 0.02
    assert told == {False, True}


def test_a_picture_without_its_surface_is_named(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / 'shard_0000.npz', tmp_path)
    with pytest.raises(MediaError, match=r'surface/000000.png: no readable map of the surface'):
        ContextCropDataset([tmp_path], surface=True)


def test_samples_differ_from_time_to_time(folder: Path) -> None:
    data = ContextCropDataset([folder])
    first, second = data[2]['inputs'], data[2]['inputs']
    assert not torch.equal(first, second)


@pytest.mark.parametrize('wrong', [np.zeros((8, 8), np.uint16), None], ids=['size', 'depth'])
def test_a_map_of_something_else_is_named(folder: Path, tmp_path: Path, wrong: np.ndarray | None) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns('*.npy'))
    path = tmp_path / 'surface/000001.png'
    if wrong is None:
        wrong = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.uint8)
    cv2.imwrite(str(path), wrong)
    with pytest.raises(MediaError, match=r'surface/000001.png: no readable map of the surface'):
        ContextCropDataset([tmp_path], surface=True)


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
    for name, share in (('loss_part_cell', 0.99), ('loss_surface_part', 0.9), ('loss_limbs', 0.95)):
        first, last = (np.mean([line[name] for line in some]) for some in (lines[:3], lines[-3:]))
        assert last < share * first, name
    model = runner.model
    learning = {name.split('.')[0] for name, value in model.backbone.named_parameters() if value.requires_grad}
    assert learning == {'layer1', 'layer2', 'layer3', 'layer4'}
    assert model.detach_head
    assert model.neck.relations.change.weight.abs().max() > 0
