import json
import uuid

import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis.training import build_runner, test, train
from cliff_ext.engine import EpochSeedHook

test.__test__ = False


@pytest.fixture
def config(repo_root, tmp_path):
    """The shipped recipe, made tiny: 3 sequences, a narrow network, 4 epochs."""
    rng = np.random.default_rng(0)
    steps = np.arange(90)[:, None, None] / 10
    joints = rng.normal(0, 0.4, (17, 3)) + 0.1 * np.sin(steps + np.arange(17)[:, None])
    for name in ('train', 'test'):
        np.savez(tmp_path / f'{name}.npz', joints_3d=joints.astype(np.float32), offsets=[0, 40, 60, 90],
                 names=np.array(['a', 'b', 'c']))
    cfg = Config.fromfile(repo_root / 'configs/synsp/synsp-8_mocap-3d.py')
    cfg.merge_from_dict({
        'train_dataloader.dataset.layout.file': str(tmp_path / 'train.npz'),
        'test_dataloader.dataset.layout.file': str(tmp_path / 'test.npz'),
        'val_dataloader.dataset.layout.file': str(tmp_path / 'test.npz'), 'train_dataloader.num_workers': 0,
        'train_dataloader.batch_size': 16, 'train_cfg.max_epochs': 4, 'train_cfg.val_interval': 4, 'model.embed_dims': 16,
        'model.num_layers': 1, 'model.num_heads': 2, 'model.head_dims': 8, 'load_from': None,
        'default_hooks.logger.interval': 1})
    return cfg


def go(do, config, work_dir, options=(), **more):
    """Trains or tests under a name of its own, as MMEngine tells runs apart by the second in which they begin."""
    return do(config, work_dir=work_dir, options={**dict(options), 'experiment_name': str(uuid.uuid4())}, **more)


def losses(work_dir):
    """Loss by step, over all runs of a work dir; a later run's step overwrites."""
    lines = [json.loads(line) for file in sorted(work_dir.glob('*/vis_data/scalars.json'))
             for line in file.read_text().splitlines()]
    return {line['step']: line['loss'] for line in lines if 'loss' in line}


def test_a_stopped_training_goes_on_with_the_same_losses(config, tmp_path):
    straight = go(train, config, tmp_path / 'straight')
    go(train, config, tmp_path / 'parts', options={'train_cfg.max_epochs': 2})
    assert max(losses(tmp_path / 'parts')) == max(losses(tmp_path / 'straight')) // 2
    resumed = go(train, config, tmp_path / 'parts', resume=True)
    assert resumed.epoch == 4
    assert losses(tmp_path / 'parts') == losses(tmp_path / 'straight')
    for name, value in straight.model.state_dict().items():
        torch.testing.assert_close(value, resumed.model.state_dict()[name], rtol=0, atol=0)


def test_a_test_run_reports_input_filters_and_refined(config, tmp_path):
    runner = go(build_runner, config, tmp_path / 'run')
    torch.save(dict(state_dict=runner.model.state_dict()), tmp_path / 'weights.pth')
    figures = go(test, config, tmp_path / 'run', checkpoint=tmp_path / 'weights.pth')
    assert {'input/mpjpe', 'refined/pa_mpjpe', 'refined/worst_mpjpe', 'gaussian1d/accel'} <= figures.keys()
    assert figures['refined/accel'] < figures['input/accel']  # untrained, it is a low pass
    with pytest.raises(ValueError, match='no weights to test'):
        go(test, config, tmp_path / 'run')
    with pytest.raises(FileNotFoundError, match='none.pth'):
        go(test, config, tmp_path / 'run', checkpoint='none.pth')


def test_a_config_without_a_scope_is_told_what_to_write(config, tmp_path):
    config.pop('default_scope')
    with pytest.raises(ValueError, match="no default_scope.*write default_scope = 'cliff_ext'.*as in mmdet.ResNet"):
        go(build_runner, config, tmp_path)


def test_mixed_precision_trains_here_too_and_refuses_other_wrappers(config, tmp_path):
    config.train_cfg.max_epochs = 1
    runner = go(train, config, tmp_path / 'half', amp=True)
    wanted = 'AmpOptimWrapper' if torch.cuda.is_available() else 'BFloat16OptimWrapper'
    assert type(runner.optim_wrapper).__name__ == wanted
    whole = go(train, config, tmp_path / 'whole')
    half, single = (losses(tmp_path / name) for name in ('half', 'whole'))
    assert half != single and half == pytest.approx(single, rel=0.05) and whole.epoch == 1
    config.optim_wrapper.type = 'ApexOptimWrapper'
    with pytest.raises(ValueError, match='ApexOptimWrapper'):
        go(build_runner, config, tmp_path, amp=True)


def test_epochs_are_seeded_apart_and_repeatably():
    class Run:
        seed, epoch = 5, 0

    def draw(epoch):
        Run.epoch = epoch
        EpochSeedHook().before_train_epoch(Run)
        return np.random.random(), float(torch.rand(()))

    first, second = draw(0), draw(1)
    assert first == draw(0) and first != second and first[0] != second[0]
