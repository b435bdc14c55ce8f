"""A config as mmtrack 1.x writes it gives what mmdet's own gives, and takes bodies as well."""

from __future__ import annotations

import copy
import runpy
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmengine.runner.checkpoint import load_checkpoint

from cliff_ext.io import load_tracks
from cliff_ext.io.zoo import ZOO

FRAMES = 5


@pytest.fixture(scope='module')
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp('mot')
    project = Path(__file__).resolve().parents[2] / 'projects/mmdet'
    write = runpy.run_path(str(project / 'make_dataset.py'))['write_dataset']
    write(ZOO / 'demo_clip.mp4', ZOO / 'demo_clip_truth.npz', out, FRAMES)
    return out


@pytest.fixture
def build(repo_root: Path, data: Path, tmp_path: Path):
    """A runner of a config of ``projects/`` on a few frames, with one metric."""

    def make(name: str, metric: dict) -> Runner:
        config = Config.fromfile(repo_root / 'projects' / name)
        config.work_dir, config.log_level = str(tmp_path), 'ERROR'
        config.experiment_name = f'{name.replace("/", "-")}-{tmp_path.name}'
        config.test_dataloader.dataset.data_root = str(data)
        config.test_evaluator = metric
        runner = Runner.from_cfg(config)
        load_checkpoint(runner.model.detector, str(ZOO / 'demo_detector.pth'))
        return runner

    return make


def boxes(runner: Runner) -> list:
    runner.model.eval()
    with torch.no_grad():
        return [runner.model.test_step(batch)[0][0].pred_track_instances for batch in runner.test_dataloader]


def test_mmtracks_config_tracks_as_mmdets(build, data):
    metric = dict(type='mmdet.CocoVideoMetric', ann_file=str(data / 'annotations/train_cocoformat.json'), metric='bbox')
    theirs = boxes(build('mmtrack/bytetrack.py', copy.deepcopy(metric)))
    ours = boxes(build('mmdet/bytetrack_mesh.py', metric))
    assert [len(people) for people in theirs] == [3] * FRAMES
    for one, other in zip(theirs, ours, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in ('bboxes', 'scores', 'labels', 'instances_id'))


def test_bodies_on_mmtracks_config(build, tmp_path):
    metric = dict(type='cliff_ext.HumanTrackMetric', out_dir=str(tmp_path / 'out'),
                  track_pipeline='cliff_ext::video/demo.py')
    figures = build('mmtrack/bytetrack_mesh.py', metric).test()
    assert figures['human-track/people'] == 3
    assert [len(track) for track in load_tracks(tmp_path / 'out/demo_clip.npz').tracks] == [FRAMES] * 3


def test_the_older_name_of_the_metric(build):
    pytest.importorskip('trackeval', reason='MOTChallengeMetrics needs it: pip install trackeval')
    figures = build('mmtrack/bytetrack.py', dict(type='MOTChallengeMetrics', metric=['CLEAR'])).test()
    assert figures['motchallenge-metric/MOTA'] > 0.9
