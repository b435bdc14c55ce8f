import subprocess
import sys

import numpy as np
import pytest

from cliff_ext.apis import hide_and_fill, track_jitter
from cliff_ext.body_models import SMPL
from cliff_ext.io import save_tracks
from cliff_ext.tracks import Gaussian1D, Infill, TrackPipeline


@pytest.fixture(scope='module')
def body():
    return SMPL()


def test_steady_people_do_not_jitter_and_shaking_ones_do(make_track, body):
    steady = make_track(range(12))
    assert track_jitter([steady], body).camera < 0.1
    shaken = steady.replace(transl=steady.transl + 0.01 * np.resize([1., -1.], 12)[:, None] * [1., 0., 0.])
    jitter = track_jitter([shaken, make_track(range(2))], body)
    assert jitter.camera == pytest.approx(40., rel=1e-2) and jitter.body < 0.1 and jitter.frames == 10


def test_jitter_does_not_count_the_jump_over_a_gap(make_track, body):
    track = make_track([*range(5), *range(30, 35)], transl=np.repeat([[0., 0., 3.], [1., 0., 9.]], 5, 0))
    assert track_jitter([track], body).camera < 0.1
    with pytest.raises(ValueError, match='three consecutive'):
        track_jitter([make_track((0, 2, 4, 6))], body)
    with pytest.raises(ValueError, match='no SMPL parameters'):
        track_jitter([make_track(range(4), betas=None)], body)


def test_hidden_frames_of_a_steady_walk_are_filled_where_they_were(make_track, body):
    report = hide_and_fill([make_track(range(30)), make_track(range(20), 1)], TrackPipeline([Infill(12)]), body, 10)
    assert (report.people, report.frames) == (1, 10) and report.mpjpe < 0.1 and report.path < 0.1
    with pytest.raises(ValueError, match='filled none'):
        hide_and_fill([make_track(range(30))], TrackPipeline([Gaussian1D()]), body, 10)
    with pytest.raises(ValueError, match='nobody is seen in 60 frames'):
        hide_and_fill([make_track(range(30))], TrackPipeline([Infill()]), body)


def test_the_tool_compares_files(make_track, tmp_path, repo_root):
    save_tracks(tmp_path / 'a.npz', [make_track(range(12))], (96, 64), 25., '')
    (tmp_path / 'c.py').write_text("track_pipeline = [dict(type='Infill')]")
    tool = [sys.executable, str(repo_root / 'tools' / 'analysis_tools' / 'track_jitter.py')]
    run = subprocess.run([*tool, str(tmp_path / 'a.npz'), '--config', str(tmp_path / 'c.py'), '--hide', '3'],
                         capture_output=True, text=True, check=False)
    assert run.returncode == 0 and '3 frames hidden in each of 1 people: 3 filled' in run.stdout, run.stderr
    assert subprocess.run([*tool, 'none.npz'], capture_output=True, check=False).returncode == 1
