"""The timed training of RootNet and PoseNet, and the figures of both together, on a miniature of the rendered people."""

from __future__ import annotations

import argparse
import importlib
import sys

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import RootPoseEstimator
from cliff_ext.io import HumanData, load_checkpoint, save_human_data

SIZE, FOCAL = np.array([120, 90]), 150.
NAMES = dict(rootnet='configs/rootnet/rootnet_res18-parts_128x96_synthetic.py',
             posenet='configs/posenet/posenet_res18-relations_128x96_synthetic.py')


@pytest.fixture
def project(repo_root, monkeypatch):
    monkeypatch.syspath_prepend(str(repo_root / 'projects' / 'synthetic_humans'))
    yield lambda name: importlib.import_module(name)
    for name in ('train_posenet', 'evaluate_posenet', 'training'):
        sys.modules.pop(name, None)


@pytest.fixture
def people(tmp_path):
    """Two overlapping people in each of three pictures, as an npz; returns its path."""
    rng = np.random.default_rng(0)
    joints = rng.uniform(-0.3, 0.3, (6, 17, 3)) + np.tile([[0, 0, 3.], [0.2, 0, 4.5]], (3, 1))[:, None]
    points = joints[..., :2] / joints[..., 2:] * FOCAL + SIZE / 2
    sure = np.ones((6, 17, 1))
    save_human_data(tmp_path / 'people.npz', HumanData(
        [f'{i // 2}.png' for i in range(6)], np.concatenate([points.min(1), points.max(1)], 1),
        keypoints2d=np.concatenate([points, sure], 2), keypoints2d_skeleton='h36m17',
        keypoints3d=np.concatenate([joints, sure], 2), keypoints3d_skeleton='h36m17', focal_length=np.full(6, FOCAL),
        image_size=np.tile(SIZE, (6, 1))))
    for i in range(3):
        cv2.imwrite(str(tmp_path / f'{i}.png'), rng.integers(0, 255, (*SIZE[::-1], 3)).astype(np.uint8))
    return tmp_path / 'people.npz'


def options(people, kind: str) -> dict:
    model = dict(
        rootnet={'model.neck.in_channels': (8, 16, 32), 'model.neck.init_cfg': None, 'model.neck.channels': 16,
                 'model.neck.fine_channels': 8, 'model.neck.part_channels': 4, 'model.head.in_channels': 1328,
                 'model.head.hidden': 16},
        posenet={'model.neck.in_channels': (16, 32), 'model.neck.init_cfg': None, 'model.head.depth_bins': 8})
    return {**model[kind], 'train_dataloader.dataset.layout.file': str(people), 'train_dataloader.batch_size': 2,
            'train_dataloader.dataset.layout.image_root': str(people.parent), 'train_dataloader.num_workers': 0,
            'train_dataloader.persistent_workers': False, 'model.backbone.base_channels': 8,
            'model.backbone.init_cfg': None}


def test_both_train_and_are_measured_together(project, people, repo_root, tmp_path):
    training = project('train_posenet')
    networks = {}
    for kind, name in NAMES.items():
        args = argparse.Namespace(config=repo_root / name, out=tmp_path / f'{kind}.pth', minutes=0.01, weights=None, lr=1e-3,
                                  seed=0, threads=1, device='cpu', cfg_options=options(people, kind))
        training.train(args)
        state = torch.load(args.out, weights_only=True)['state_dict']
        assert {v.dtype for v in state.values()} == {torch.float16, torch.int64}
        assert any(key.startswith('backbone.') for key in state)
        config = Config.fromfile(repo_root / name)
        config.merge_from_dict(options(people, kind))
        config.dump(tmp_path / f'{kind}.py')
        networks[kind] = dict(config=str(tmp_path / f'{kind}.py'), checkpoint=str(args.out))
    estimator = RootPoseEstimator(networks['rootnet'], networks['posenet'])
    figures = project('evaluate_posenet').evaluate(str(people), str(people.parent), estimator)
    assert figures['people'] == 6 and figures['overlapping_pairs/0m'] == figures['overlapping_pairs/0.5m'] == 3
    assert figures['mrpe'] >= figures['mrpe_z'] > 0
    assert all(np.isfinite(value) for value in figures.values())


def test_perfect_people_have_no_error_and_the_right_order(project):
    found = project('evaluate_posenet').Found()
    joints = np.random.default_rng(0).normal(size=(2, 17, 3)) + [[[0, 0, 3.]], [[0, 0, 9.]]]
    joints[1, 0, 2] = joints[0, 0, 2] + 0.3
    boxes = np.array([[0., 0, 10, 10], [5, 5, 15, 15]])
    found.add(joints, joints, boxes, 0)
    figures = found.figures(0)
    assert figures == pytest.approx({
        'people': 2, 'mrpe': 0, 'mrpe_x': 0, 'mrpe_y': 0, 'mrpe_z': 0, 'mpjpe': 0, 'mpjpe_absolute': 0,
        'overlapping_pairs/0m': 1, 'right_depth_order/0m': 100, 'overlapping_pairs/0.1m': 1, 'right_depth_order/0.1m': 100,
        'overlapping_pairs/0.25m': 1, 'right_depth_order/0.25m': 100}, abs=1e-6)
    found.add(joints[::-1], joints, boxes, 0)
    found.add(joints[::-1], joints, boxes + [[0.] * 4, [90.] * 4], 0)  # boxes that do not overlap
    assert found.figures(0)['right_depth_order/0m'] == 50 and found.figures(0)['overlapping_pairs/0m'] == 2


@pytest.mark.parametrize('kind, before, count, other', [
    ('rootnet', 'demo_cliff.pth', 90 + 116, 'neck.relations.context.weight'),  # of the last stage, which it has not
    ('posenet', 'demo_rootnet.pth', 90 + 89, None)])
def test_a_new_network_starts_from_what_the_one_before_has_seen(project, repo_root, kind, before, count, other):
    model = project('train_posenet').build(Config.fromfile(repo_root / NAMES[kind]))
    learned = load_checkpoint(repo_root / 'cliff_ext/zoo' / before)['state_dict']
    state = {key: value for key, value in model.state_dict().items() if not key.startswith('head.') and key != other}
    assert len(state) == count
    assert all(torch.equal(value, learned[key].to(value)) for key, value in state.items())
    trained = {name.split('.')[1] for name, value in model.backbone.named_parameters(prefix='b') if value.requires_grad}
    assert trained == {'layer2', 'layer3'}


def test_bfloat16_only_where_the_processor_has_it(project, monkeypatch):
    for known in (False, True):
        monkeypatch.setattr(torch.cpu, '_is_avx512_bf16_supported', lambda known=known: known)
        with project('training').fast_precision('cpu'):
            assert torch.is_autocast_enabled('cpu') is known
