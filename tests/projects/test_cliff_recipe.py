"""The recipe of the CLIFF that ships, made narrow, from rendering to a file to hand on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from scipy.spatial.transform import Rotation

PROJECT = Path(__file__).parents[2] / 'projects/synthetic_humans'
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

from generate import make_shard  # noqa: E402
from poses import PoseSource  # noqa: E402
from to_human_data import read_shard  # noqa: E402

from cliff_ext.apis import Estimator, publish_weights  # noqa: E402
from cliff_ext.apis.training import train  # noqa: E402
from cliff_ext.body_models import SMPL  # noqa: E402
from cliff_ext.io import CheckpointError, load_checkpoint, save_human_data  # noqa: E402

RECIPE = 'configs/cliff/cliff_res18-parts_1xb64-30e_synthetic-128x96.py'
IN_USE = 'configs/cliff/cliff_res18-parts_128x96_synthetic.py'
NARROW = {'model.backbone.base_channels': 8, 'model.neck.in_channels': (8, 16, 32, 64), 'model.neck.channels': 16,
          'model.neck.fine_channels': 8, 'model.neck.part_channels': 4, 'model.head.in_channels': 1360,
          'model.head.hidden': 32}
TRAINING = {**NARROW, 'model.auxiliary_losses.0.part_channels': 4, 'model.auxiliary_losses.0.vector_channels': 1360,
            'model.auxiliary_losses.1.channels': (16, 8), 'train_dataloader.batch_size': 4,
            'train_dataloader.num_workers': 1, 'train_cfg.max_epochs': 2, 'param_scheduler': [],
            'default_hooks.logger.interval': 1, 'log_processor.window_size': 1}


@pytest.fixture(scope='module')
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Options of a training on a few people rendered for it."""
    folder = tmp_path_factory.mktemp('people')
    for name in ('images', 'surface'):
        (folder / name).mkdir()
    pose = np.tile(np.eye(3), (1, 24, 1, 1))
    pose[:, 0] = Rotation.from_euler('x', 90, degrees=True).as_matrix()
    make_shard(PoseSource(pose), folder, index=0, frames=5, seed=4)
    data = read_shard(folder / 'shard_0000.npz', SMPL().eval())
    assert len(data) >= 8
    save_human_data(folder / 'people.npz', data[np.arange(8)])
    return {f'{loader}_dataloader.dataset.{key}': str(value) for loader in ('train', 'val', 'test')
            for key, value in (('image_root', folder), ('layout.file', folder / 'people.npz'))}


def losses(work_dir: Path) -> list[dict[str, float]]:
    file, = work_dir.glob('*/vis_data/scalars.json')
    return [line for line in map(json.loads, file.read_text().splitlines()) if 'loss' in line]


@pytest.fixture
def in_use(tmp_path: Path) -> Path:
    """Config of the narrow network without its training."""
    config = Config.fromfile(IN_USE)
    config.merge_from_dict(NARROW)
    config.dump(tmp_path / 'in_use.py')
    return tmp_path / 'in_use.py'


def test_trained_then_published_then_used(people: dict[str, str], in_use: Path, tmp_path: Path) -> None:
    train(RECIPE, work_dir=tmp_path / 'run', options={
        **TRAINING, **people, 'optim_wrapper.optimizer.lr': 3e-3, 'train_cfg.max_epochs': 8, 'train_cfg.val_interval': 8})
    curve = losses(tmp_path / 'run')
    assert len(curve) == 16
    terms = ('part_cell', 'part_place', 'part_facing', 'part_heading', 'part_depth', 'surface_part', 'surface_place', 'pose')
    assert all(f'loss_{name}' in curve[0] for name in terms)
    first, last = (np.mean([step['loss'] for step in steps]) for steps in (curve[:2], curve[-2:]))
    assert last < 0.8 * first
    trained, out = tmp_path / 'run/epoch_8.pth', tmp_path / 'small.pth'
    with pytest.raises(CheckpointError, match='not in the model'):
        Estimator(in_use, trained)
    left = publish_weights(trained, in_use, out, half=True)
    assert left and all(name.startswith('auxiliary_losses.') for name in left)
    assert out.stat().st_size < trained.stat().st_size / 4
    state, averaged = load_checkpoint(out)['state_dict'], load_checkpoint(trained)['state_dict']
    assert all(torch.equal(value, averaged[name].half()) for name, value in state.items() if value.is_floating_point())
    Estimator(in_use, out)


def test_weights_of_another_network_are_not_published(in_use: Path, tmp_path: Path) -> None:
    torch.save(dict(state_dict={'backbone.conv1.weight': torch.zeros(1)}), tmp_path / 'other.pth')
    with pytest.raises(CheckpointError, match='missing in the file'):
        publish_weights(tmp_path / 'other.pth', in_use, tmp_path / 'out.pth')
    with pytest.raises(ValueError, match='demo.py describes no network'):
        publish_weights(tmp_path / 'other.pth', 'configs/video/demo.py', tmp_path / 'out.pth')
    assert not (tmp_path / 'out.pth').exists()


@pytest.mark.slow
def test_two_processes_train_on_a_cpu(people: dict[str, str], repo_root: Path, tmp_path: Path) -> None:
    options = {**TRAINING, **people, 'train_dataloader.batch_size': 2}
    text = [f'{key}={value}'.replace(' ', '').replace("'", '').replace('(', '[').replace(')', ']') for key, value in
            options.items()]
    done = subprocess.run(
        ['bash', 'tools/dist_train.sh', RECIPE, '2', '--work-dir', tmp_path / 'run', '--cfg-options', *text], cwd=repo_root,
        capture_output=True, text=True, check=False,
        env={**os.environ, 'PYTHON': sys.executable, 'PORT': '29731', 'OMP_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': ''})
    assert done.returncode == 0, done.stderr[-3000:]
    curve = losses(tmp_path / 'run')
    assert len(curve) == 4, 'eight people, two in each of two processes'
    assert all(np.isfinite(line['loss']) for line in curve)
    assert (tmp_path / 'run/epoch_2.pth').exists()
