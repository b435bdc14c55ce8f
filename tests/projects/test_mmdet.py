"""The project's commands as its README gives them, on a few frames."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cliff_ext.io import load_tracks
from cliff_ext.io.zoo import ZOO


@pytest.fixture
def python(tmp_path: Path, repo_root: Path):
    """Runs a command in a folder of its own, in which the repository's folders lie; returns what it printed."""
    for name in ('projects', 'configs', 'cliff_ext'):
        (tmp_path / name).symlink_to(repo_root / name)

    path = os.pathsep.join([str(repo_root), *filter(None, [os.environ.get('PYTHONPATH')])])

    def run(*words: str) -> str:
        done = subprocess.run([sys.executable, '-W', 'ignore', *words], cwd=tmp_path, timeout=900, capture_output=True,
                              text=True, env={**os.environ, 'PYTHONPATH': path})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_tracking_with_bodies(python, tmp_path):
    pytest.importorskip('trackeval', reason='MOTChallengeMetric needs it: pip install trackeval')
    assert '6 frames in data/demo_mot' in python('projects/mmdet/make_dataset.py', '--out', 'data/demo_mot', '--frames', '6')
    output = python('-m', 'cliff_ext.integrations.run_tool', 'mmdet', 'test_tracking', 'projects/mmdet/bytetrack_mesh.py',
                    '--detector', 'cliff_ext/zoo/demo_detector.pth')
    assert 'motchallenge-metric/HOTA: 0.' in output
    assert 'human-track/people: 3  human-track/frames: 18' in output
    file = load_tracks(tmp_path / 'outputs/mmdet/demo_clip.npz')
    truth = load_tracks(ZOO / 'demo_clip_truth.npz')
    depths = sorted(float(np.median(track.transl[:6, 2])) for track in truth.tracks)
    found = sorted(float(np.median(track.transl[:, 2])) for track in file.tracks)
    assert np.allclose(found, depths, rtol=0.2)
    assert [len(track) for track in file.tracks] == [6, 6, 6]
    assert 'sheet.png' in python('projects/mmdet/draw.py', 'data/demo_mot/train/demo_clip/img1',
                                 'outputs/mmdet/demo_clip.npz', '--out', 'sheet.png', '--frames', '2')
    assert (tmp_path / 'sheet.png').stat().st_size > 10_000


def test_a_mesh_head_on_a_detector_is_trained_and_tested(python):
    python('projects/mmdet/make_dataset.py', '--out', 'data/demo_mot', '--frames', '2')
    trained = python('-m', 'cliff_ext.integrations.run_tool', 'mmdet', 'train', 'projects/mmdet/faster-rcnn_mesh.py')
    assert 'loss_mesh_pose' in trained
    tested = python('-m', 'cliff_ext.integrations.run_tool', 'mmdet', 'test', 'projects/mmdet/faster-rcnn_mesh.py',
                    'work_dirs/faster-rcnn_mesh/epoch_1.pth')
    assert 'coco/bbox_mAP' in tested
