"""The project for mmpose: its data set, mmpose's own tools on its configs, and the refined film."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

FRAMES = 8


@pytest.fixture(scope='module')
def project(repo_root):
    """Modules of the project by name."""
    folder = str(repo_root / 'projects/mmpose')
    sys.path.insert(0, folder)
    yield importlib.import_module
    sys.path.remove(folder)
    for name in ('clip_to_coco', 'refine_clip'):
        sys.modules.pop(name, None)


@pytest.fixture(scope='module')
def data(project, tmp_path_factory) -> Path:
    """The clip's first frames as a data set."""
    out = tmp_path_factory.mktemp('demo_clip')
    project('clip_to_coco').write(out, FRAMES)
    return out


def test_the_data_set_is_the_truth_in_cocos_terms(data):
    content = json.loads((data / 'annotations.json').read_text())
    assert len(content['images']) == FRAMES and len(content['annotations']) == 3 * FRAMES
    one = content['annotations'][-1]  # somebody whom the picture shows whole
    points, (x, y, width, height) = np.array(one['keypoints']).reshape(17, 3), one['bbox']
    assert (points[:, 2] == 2).all() and one['num_keypoints'] == 17
    margin = 0.1 * height
    assert ((points[:, :2] > [x - margin, y - margin]) & (points[:, :2] < [x + width + margin, y + height + margin])).all()
    assert points[0, 1] < points[11, 1] < points[15, 1]  # nose above hip above ankle
    depths = np.array(one['joint_depths'])
    assert depths[11] + depths[12] == pytest.approx(0, abs=1e-6) and 0.02 < np.abs(depths).max() < 1.
    assert cv2.imread(str(data / 'frames/000000.jpg')).shape == (360, 640, 3)


def test_mmposes_own_test_tool_runs_cliff_and_the_refined_metrics(data, repo_root, tmp_path):
    mmpose = pytest.importorskip('mmpose')
    tool = Path(mmpose.__file__).parent / '.mim/tools/test.py'
    command = [sys.executable, tool, 'projects/mmpose/cliff_demo-clip.py', 'cliff_ext/zoo/demo_cliff.pth', '--work-dir',
               tmp_path, '--out', tmp_path / 'metrics.json', '--cfg-options', f'test_dataloader.dataset.data_root={data}/']
    done = subprocess.run(list(map(str, command)), cwd=repo_root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    assert 3 < metrics['EPE'] < 25 and metrics['PCK'] > 0.4


def test_posenet_trains_for_an_iteration_and_is_tested(data, repo_root, tmp_path):
    pytest.importorskip('mmpose')
    config = Config.fromfile(repo_root / 'projects/mmpose/posenet_demo-clip.py')
    people = {'data_root': f'{data}/', 'indices': 4}
    config.merge_from_dict({
        'work_dir': str(tmp_path), 'train_cfg.max_epochs': 1, 'model.backbone.base_channels': 8, 'log_level': 'ERROR',
        'model.backbone.stem_channels': 8, 'model.head.in_channels': 64, 'train_dataloader.dataset': people,
        'test_dataloader.dataset': people, 'train_dataloader.batch_size': 4})
    runner = Runner.from_cfg(config)
    before = runner.model.head.final_layer.weight.clone()
    runner.train()
    assert runner.iter == 1 and not before.equal(runner.model.head.final_layer.weight)
    metrics = runner.test()
    assert 0 < metrics['EPE'] < 640 and 0 <= metrics['PCK'] <= 1


def test_a_film_is_refined_and_drawn(project, data, tmp_path, monkeypatch, capsys):
    pytest.importorskip('mmpose')
    monkeypatch.setattr(sys, 'argv', ['refine_clip', str(data / 'frames'), '--out', str(tmp_path), '--frames', '2', '5'])
    project('refine_clip').main()
    said = capsys.readouterr().out
    assert f'{FRAMES} frames, 0 people filled in' in said
    before, after = re.search(r'bend ([0-9.]+) pixels a frame, refined ([0-9.]+)', said).groups()
    assert float(after) < 0.5 * float(before)
    assert cv2.imread(str(tmp_path / 'before_after.png')).shape == (720, 1280, 3)
