"""A few frames of the demo clip as a data set of mmdet's, and configs on it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from mmengine.runner.checkpoint import load_checkpoint

from cliff_ext.io.zoo import ZOO

PROJECT = Path(__file__).resolve().parents[3] / 'projects/mmdet'


@pytest.fixture(scope='session')
def project() -> Path:
    """Folder of the project for mmdet."""
    return PROJECT


@pytest.fixture(scope='session')
def mot_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six frames of the demo clip in mmdet's layout for trackers."""
    out = tmp_path_factory.mktemp('mot')
    write = runpy.run_path(str(PROJECT / 'make_dataset.py'))['write_dataset']
    assert write(ZOO / 'demo_clip.mp4', ZOO / 'demo_clip_truth.npz', out, 6) == 6
    return out


@pytest.fixture
def config(mot_data: Path, tmp_path: Path) -> Config:
    """The project's tracking config on those frames, with no metric but ours."""
    config = Config.fromfile(PROJECT / 'bytetrack_mesh.py')
    config.work_dir = str(tmp_path / 'work')
    config.log_level = 'ERROR'
    config.test_dataloader.dataset.data_root = str(mot_data)
    config.test_evaluator = config.test_evaluator[1]
    config.test_evaluator.update(out_dir=str(tmp_path / 'out'), min_frames=1)
    return config


@pytest.fixture
def build_runner() -> Callable[[Config], Runner]:
    """A runner with the detector's weights, as test_tracking.py makes it."""
    names = iter(range(100))

    def build(config: Config) -> Runner:
        config.experiment_name = f'test-{next(names)}'
        runner = Runner.from_cfg(config)
        load_checkpoint(runner.model.detector, str(ZOO / 'demo_detector.pth'))
        return runner

    return build
