"""The refiners that ship, on a walk and a kick of subjects that training never saw, with noise added."""

import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis.motion import build_refiner
from cliff_ext.apis.refiner_table import refiner_table
from cliff_ext.io import load_checkpoint, resolve

CONFIGS = ('smoothnet/smoothnet-32_mocap-3d', 'synsp/synsp-8_mocap-3d', 'synsp/synsp-8_mocap-smpl')


@pytest.fixture(params=CONFIGS)
def config(request, repo_root) -> Config:
    cfg = Config.fromfile(repo_root / f'configs/{request.param}.py')
    for part in ('train', 'test'):
        cfg[f'{part}_dataloader'].dataset.layout.file = str(repo_root / 'tests/data/mocap/walk_and_kick.npz')
    return cfg


def test_it_is_half_precision_and_weights_alone(config):
    path = resolve(config.load_from, str)
    content = torch.load(path, weights_only=True)
    assert content.keys() == {'state_dict'} and path.stat().st_size < 10e6
    assert {value.dtype for value in content['state_dict'].values()} == {torch.float16}
    assert load_checkpoint(path)['state_dict'].keys() == build_refiner(config).state_dict().keys()


def test_it_steadies_and_corrects_what_it_has_not_seen(config, monkeypatch):
    monkeypatch.setattr('cliff_ext.apis.refiner_table.GRIDS', {})
    for before, after in _pairs(refiner_table(dict(net=config), strengths=(1., 2.))):
        assert after['accel'] < 0.35 * before['accel']
        assert after['mpjpe'] < before['mpjpe'] and after['pa_mpjpe'] < before['pa_mpjpe']


def test_clean_motion_stays_what_it_is(config, monkeypatch):
    monkeypatch.setattr('cliff_ext.apis.refiner_table.GRIDS', {})
    [(_, after)] = _pairs(refiner_table(dict(net=config), strengths=(1e-3, )))
    assert after['mpjpe'] < 20  # mm


def _pairs(rows) -> list[tuple[dict, dict]]:
    return [(rows[i].figures, rows[i + 1].figures) for i in range(0, len(rows), 2)]
