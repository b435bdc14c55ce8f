"""The timed training of the small RootNet on a few rendered people."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config
from scipy.spatial.transform import Rotation

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.io import load_weights
from cliff_ext.structures import get_skeleton

NARROW = {'model.backbone.base_channels': 8, 'model.backbone.init_cfg': None, 'model.neck.in_channels': (8, 16, 32),
          'model.neck.channels': 16, 'model.neck.fine_channels': 8, 'model.neck.part_channels': 4,
          'model.neck.init_cfg': None, 'model.head.in_channels': 1328, 'model.head.hidden': 16,
          'model.mask_head.fine_channels': 8, 'model.mask_head.channels': 16, 'model.mask_head.hidden': 8}


@pytest.fixture
def script(repo_root, monkeypatch):
    monkeypatch.chdir(repo_root)
    monkeypatch.syspath_prepend(str(repo_root / 'projects' / 'synthetic_humans'))
    yield importlib.import_module('train_rootnet')
    sys.modules.pop('train_rootnet')


@pytest.fixture
def folder(script, tmp_path):
    """A few rendered people."""
    from generate import make_shard
    from poses import PoseSource
    for name in ('images', 'surface'):
        (tmp_path / 'people' / name).mkdir(parents=True)
    pose = np.tile(np.eye(3), (1, 24, 1, 1))
    pose[:, 0] = Rotation.from_euler('x', 90, degrees=True).as_matrix()
    make_shard(PoseSource(pose), tmp_path / 'people', index=0, frames=5, seed=4)
    return tmp_path / 'people'


@pytest.fixture
def narrow(script, tmp_path, monkeypatch):
    """The config with few channels, in place of the script's own."""
    config = Config.fromfile(script.CONFIG)
    config.merge_from_dict(NARROW)
    config.dump(tmp_path / 'narrow.py')
    monkeypatch.setattr(script, 'CONFIG', str(tmp_path / 'narrow.py'))
    return config


def test_the_box_and_the_right_correction_give_the_depth(script, folder, narrow):
    """The truth that the loss compares with is that of the pictures, whatever the augmentation does."""
    model = script.build(narrow)
    loss, crops, body = script.RootLoss(model), script.Crops(folder, surface=True), SMPLJoints(SMPL())
    pelvis = SMPLJoints(SMPL(), (get_skeleton('spin49').index('gt_pelvis'), ))
    for rng in (None, np.random.default_rng(0)):
        batch = crops.batch(np.arange(4), rng)
        factor = loss.factor(batch)
        np.testing.assert_allclose(factor, 2 * batch['focal'] / (0.75**0.5 * 200 * batch['scale']), rtol=1e-5)
        rotmats = torch.cat([batch['global_orient'][:, None], batch['body_pose']], 1)
        root = pelvis(rotmats, batch['betas'], batch['transl'])[:, 0]
        depth, bone = root[:, 2], body.bones(rotmats, batch['betas'])[1][:, 0] + batch['transl']
        assert ((root - bone).norm(dim=1) < 0.12).all()
        terms = loss(model, batch)
        assert float(terms['loss_depth']) == pytest.approx(script.DEPTH_WEIGHT * float((factor / depth - 1).abs().mean()))


def test_masks_are_those_of_the_picture(script, folder):
    """What is seen of somebody lies on the body, and joints in the crop do too, whatever the augmentation does."""
    crops = script.Crops(folder, surface=True)
    for rng in (None, np.random.default_rng(0), np.random.default_rng(1)):
        batch = crops.batch(np.arange(len(crops)), rng)
        frame = script.FullFrame(batch['center'], batch['scale'], batch['size'], batch['focal'])
        posed = SMPL()(batch['global_orient'], batch['body_pose'], batch['betas'], batch['transl'])
        seen, body = script.true_masks(posed.vertices, batch['surface'], frame).unbind(1)
        near = torch.nn.functional.max_pool2d(body[:, None], 3, 1, 1)[:, 0]
        assert float(near[seen > 0.5].mean()) > 0.98 and (seen.sum((1, 2)) <= 1.1 * body.sum((1, 2)) + 10).all()
        assert 0.3 < float((seen > 0.5).sum() / body.sum()) < 1
        points = script.project_points(posed.smpl_joints, frame.focal_length, frame.image_size / 2)
        place = (points - frame.center[:, None]) / frame.box[:, None, None] * 32 + torch.tensor([12., 16.])
        inside = ((place >= 0) & (place < torch.tensor([24., 32.]))).all(-1)
        person, joint = inside.nonzero(as_tuple=True)
        x, y = place[person, joint].long().unbind(-1)
        assert len(person) > 24 and float(near[person, y, x].mean()) > 0.98


def test_it_trains_for_some_minutes_and_writes_the_network(script, folder, narrow, tmp_path, monkeypatch):
    out = tmp_path / 'run/small.pth'
    out.parent.mkdir()
    monkeypatch.setattr(sys, 'argv', ['train_rootnet.py', str(folder), str(folder), '--out', str(out), '--minutes', '0.1',
                                      '--batch-size', '4'])
    script.main()
    state = torch.load(out, weights_only=True)['state_dict']
    assert {value.dtype for value in state.values()} == {torch.float16, torch.int64}
    model = script.build(narrow)
    fresh = model.head.depth_layer.weight.clone()
    load_weights(model, out)
    assert (model.head.depth_layer.weight != fresh).any()


def test_what_was_learned_is_written_on_the_way(script, folder, narrow, monkeypatch):
    """An interrupted run has left its weights."""
    written = []
    monkeypatch.setattr(script, 'SAVE_EVERY', 0.)
    monkeypatch.setattr(script, 'save_half', lambda model, path: written.append(path))
    monkeypatch.setattr(sys, 'argv', ['train_rootnet.py', str(folder), '--out', 'small.pth', '--minutes', '0.05',
                                      '--batch-size', '2'])
    script.main()
    assert len(written) > 1 and {str(path) for path in written} == {'small.pth'}


@pytest.mark.parametrize('option', ['--minutes', '--batch-size', '--threads'])
def test_nothing_of_anything_is_refused(script, monkeypatch, capsys, option):
    monkeypatch.setattr(sys, 'argv', ['train_rootnet.py', 'people', '--out', 'x.pth', option, '0'])
    with pytest.raises(SystemExit):
        script.main()
    assert f'{option} must be positive, got 0' in capsys.readouterr().err
