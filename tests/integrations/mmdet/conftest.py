"""A few frames of the demo clip as a data set of mmdet's, and configs on it."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from mmengine.config import Config


@pytest.fixture(scope='session')
def project() -> Path:
    """The folder of the project for mmdet."""
    return Path(__file__).resolve().parents[3] / 'projects/mmdet'


@pytest.fixture(scope='session')
def mot_data(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """Six frames of the demo clip in mmdet's layout for trackers."""
    out = tmp_path_factory.mktemp('mot')
    module = runpy.run_path(str(project / 'make_dataset.py'))
    zoo = module['ZOO']
    module['write_dataset'](zoo / 'demo_clip.mp4', zoo / 'demo_clip_truth.npz', out, 6)
    return out


@pytest.fixture
def config(project: Path, mot_data: Path, tmp_path: Path) -> Config:
    """The project's config on those frames, with no metric but ours."""
    config = Config.fromfile(project / 'bytetrack_mesh.py')
    config.work_dir = str(tmp_path / 'work')
    config.test_dataloader.dataset.data_root = str(mot_data)
    config.test_evaluator = config.test_evaluator[1]
    config.test_evaluator.update(out_dir=str(tmp_path / 'out'), min_frames=1)
    return config
