import subprocess
import sys

import numpy as np
import pytest

from cliff_ext.io import load_tracks, save_tracks


def run(repo_root, *args) -> subprocess.CompletedProcess:
    command = [sys.executable, 'tools/fit.py', *map(str, args)]
    return subprocess.run(command, cwd=repo_root, capture_output=True, text=True, check=False)


@pytest.fixture
def tracks(tmp_path, make_track):
    path = tmp_path / 'tracks.npz'
    save_tracks(path, [make_track([0])], (96, 64), 25, 'clip.mp4')
    return path


def test_a_frame_without_a_match_is_named_and_kept(repo_root, tmp_path, tracks):
    np.savez(tmp_path / 'k.npz', keypoints2d=np.zeros((1, 25, 3)))
    done = run(repo_root, tracks, tmp_path / 'k.npz', tmp_path / 'out.npz', 'configs/fit/smplify.py')
    assert done.returncode == 0, done.stderr
    assert 'person 0, frame 0: kept the previous estimate' in done.stderr and '1 people, 1 frames' in done.stdout
    assert np.array_equal(load_tracks(tmp_path / 'out.npz').tracks[0].body_pose, load_tracks(tracks).tracks[0].body_pose)


def test_a_mistake_is_one_clear_line(repo_root, tmp_path, tracks):
    done = run(repo_root, tracks, 'nowhere.json', tmp_path / 'out.npz', 'configs/fit/smplify.py')
    assert done.returncode == 1
    assert done.stderr.startswith('error: keypoints not found') and 'Traceback' not in done.stderr
