"""A miniature of the shipped recipe: rendered people, a narrow network; training, a stop, a resume, a test."""

import json
import math
import uuid

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis.training import build_runner, test, train
from cliff_ext.body_models import SMPL
from cliff_ext.engine import NonFiniteLossError
from cliff_ext.geometry import project_points, rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.io import HumanData, save_human_data
from cliff_ext.visualization import MeshOverlay

test.__test__ = False
SIZE, FOCAL, PEOPLE = (160, 120), 200., 8


@pytest.fixture(scope='module')
def people(tmp_path_factory):
    """Folder with ``images`` and ``people.npz``: one rendered person a picture, some at the border."""
    folder, body = tmp_path_factory.mktemp('people'), SMPL()
    overlay, generator = MeshOverlay(body.faces), torch.Generator().manual_seed(0)
    rotations = rotvec_to_rotmat(torch.randn(PEOPLE, 24, 3, generator=generator) * 0.15)
    rotations[:, 0] = torch.diag(torch.tensor([1., -1., -1.])) @ rotations[:, 0]
    betas = torch.randn(PEOPLE, 10, generator=generator) * 0.5
    transl = torch.tensor([[-1.2 + 2.4 * i / PEOPLE, 0.2, 4.] for i in range(PEOPLE)])
    out = body(rotations[:, 0], rotations[:, 1:], betas, transl)
    sure = torch.ones(PEOPLE, 49, 1)
    points = project_points(out.joints, torch.full((PEOPLE, ), FOCAL), torch.tensor(SIZE) / 2.)
    for i, vertices in enumerate(out.vertices.numpy()):
        picture = overlay(np.full((*SIZE[::-1], 3), 40, np.uint8), vertices[None], FOCAL, [i])
        assert cv2.imwrite(str(folder / f'{i}.png'), picture)
    save_human_data(folder / 'people.npz', HumanData(
        [f'{i}.png' for i in range(PEOPLE)], torch.cat([points.amin(1), points.amax(1)], 1).numpy(), dataset='miniature',
        keypoints2d=torch.cat([points, sure], 2).numpy(), keypoints2d_skeleton='spin49',
        keypoints3d=torch.cat([out.joints, sure], 2).numpy(), keypoints3d_skeleton='spin49',
        global_orient=rotmat_to_rotvec(rotations[:, 0]).numpy(), body_pose=rotmat_to_rotvec(rotations[:, 1:]).numpy(),
        betas=betas.numpy(), transl=transl.numpy(), focal_length=np.full(PEOPLE, FOCAL),
        image_size=np.tile(SIZE, (PEOPLE, 1)),
        action=['border' if abs(x) > 0.8 else 'middle' for x in transl[:, 0].tolist()]))
    return folder


@pytest.fixture
def config(repo_root, people):
    cfg = Config.fromfile(repo_root / 'configs/cliff/cliff_res18_1xb64-30e_synthetic-128x96.py')
    for loader in ('train', 'val', 'test'):
        cfg.merge_from_dict({f'{loader}_dataloader.dataset.layout.file': str(people / 'people.npz'),
                             f'{loader}_dataloader.dataset.image_root': str(people),
                             f'{loader}_dataloader.num_workers': 0, f'{loader}_dataloader.batch_size': 4})
    cfg.merge_from_dict({'model.backbone.base_channels': 8, 'model.head.in_channels': 64, 'model.head.hidden': 64,
                         'train_cfg.max_epochs': 4, 'train_cfg.val_interval': 4, 'default_hooks.logger.interval': 1,
                         'log_processor.window_size': 1,
                         'param_scheduler': [dict(type='ConstantLR', factor=1.)]})
    return cfg


def go(do, config, work_dir, options=(), **more):
    """Trains or tests under a name of its own, as MMEngine tells runs apart by the second in which they begin."""
    name = str(uuid.uuid4())
    return do(config, work_dir=work_dir, options={**dict(options), 'experiment_name': name, 'visualizer.name': name}, **more)


def losses(work_dir):
    """Loss by step, over all runs of a work dir; a later run's step overwrites."""
    lines = [json.loads(line) for file in sorted(work_dir.glob('*/vis_data/scalars.json'))
             for line in file.read_text().splitlines()]
    return {line['step']: line['loss'] for line in lines if 'loss' in line}


def test_train_stop_resume_and_test(config, tmp_path):
    straight = go(train, config, tmp_path / 'straight')
    curve = losses(tmp_path / 'straight')
    assert len(curve) == 8 and min(list(curve.values())[-2:]) < 0.7 * curve[1]  # it learns
    go(train, config, tmp_path / 'parts', options={'train_cfg.max_epochs': 2})
    resumed = go(train, config, tmp_path / 'parts', resume=True)
    assert losses(tmp_path / 'parts') == curve  # augmentation and all
    for name, value in straight.model.state_dict().items():
        torch.testing.assert_close(value, resumed.model.state_dict()[name], rtol=0, atol=0)
    best, = (tmp_path / 'straight').glob('best_mpjpe_epoch_4.pth')
    figures = go(test, config, tmp_path / 'test', checkpoint=best,
                 options={'test_evaluator.outfile_prefix': str(tmp_path / 'report')})
    assert set(figures) == {'mpjpe', 'pa_mpjpe', 'pve', 'orientation'}
    assert all(math.isfinite(value) for value in figures.values()) and figures['pa_mpjpe'] <= figures['mpjpe']
    report = json.loads((tmp_path / 'report.json').read_text())
    assert report['all'] == figures and set(report['action']) == {'border', 'middle'} and report['people'] == PEOPLE
    picture = cv2.imread(str(next((tmp_path / 'straight').rglob('val_0_8.png'))))
    assert picture.shape == (SIZE[1], 3 * SIZE[0], 3)  # the picture, the estimate, the truth


def test_a_loss_that_is_no_number_names_the_people(config, tmp_path):
    with pytest.raises(NonFiniteLossError, match='iteration 1: loss = nan, loss_pose = nan. People'):
        go(train, config, tmp_path, options={'model.loss.pose_weight': float('nan')})
    ids = json.loads((tmp_path / 'non_finite_loss_0.json').read_text())['sample_ids']
    assert len(ids) == 4 and all(name.split('.png#')[0].isdigit() for name in ids)
    assert not list(tmp_path.glob('epoch_*.pth'))


def test_mixed_precision_clipping_and_scaled_rate(config, tmp_path):
    runner = go(train, config, tmp_path, amp=True, auto_scale_lr=True,
                options={'train_cfg.max_epochs': 1, 'train_cfg.val_interval': 2})
    assert type(runner.optim_wrapper).__name__ == 'BFloat16OptimWrapper'
    assert runner.optim_wrapper.optimizer.param_groups[0]['lr'] == pytest.approx(5e-4 * 4 / 64)
    assert all(math.isfinite(value) for value in losses(tmp_path).values())


def test_tools_options_are_checked_before_training(config, tmp_path, monkeypatch):
    config.auto_scale_lr = dict()
    with pytest.raises(ValueError, match='base_batch_size'):
        go(build_runner, config, tmp_path, auto_scale_lr=True)
    monkeypatch.setattr('cliff_ext.apis.training.Runner.from_cfg', lambda cfg: cfg)  # TensorBoard may not be installed
    backends = go(build_runner, config, tmp_path, tensorboard=True).visualizer.vis_backends
    assert [one.type for one in backends] == ['LocalVisBackend', 'TensorboardVisBackend']
