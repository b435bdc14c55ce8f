"""The example project: its rule, and its config through the tool and the inferencer."""

import sys
from pathlib import Path

import numpy as np
import pytest

from cliff_ext.apis import HumanMeshInferencer, refine_file
from cliff_ext.io import load_tracks, save_tracks
from cliff_ext.registry import TRACK_TRANSFORMS

FOLDER = Path(__file__).parents[2] / 'projects' / 'example_project'
CONFIG = FOLDER / 'demo_drop-spikes.py'
TURNED = np.diag([-1., 1., -1.]).astype(np.float32)


@pytest.fixture(scope='module', autouse=True)
def module():
    sys.path.insert(0, str(FOLDER.parents[1]))
    import projects.example_project.drop_spikes as module
    yield module
    sys.path.remove(str(FOLDER.parents[1]))


def spoilt(track, rows, joint: int = 4):
    body_pose = track.body_pose.copy()
    body_pose[rows, joint] = body_pose[rows, joint] @ TURNED
    return track.replace(body_pose=body_pose)


def drop(track, max_angle: float = 30.):
    return TRACK_TRANSFORMS.build(dict(type='DropSpikes', max_angle=max_angle))(track)


def test_a_frame_that_snaps_away_and_back_is_dropped(make_track):
    assert drop(spoilt(make_track(range(9)), 4)).frame_ids.tolist() == [0, 1, 2, 3, 5, 6, 7, 8]


def test_a_turn_that_stays_is_kept(make_track):
    assert len(drop(spoilt(make_track(range(9)), slice(4, None)))) == 9


def test_frames_beside_a_gap_and_at_the_ends_are_not_judged(make_track):
    track = make_track((0, 1, 2, 5, 6, 7))
    assert len(drop(spoilt(track, [2, 5]))) == 6
    assert len(drop(make_track((0, 1)))) == 2 and len(drop(make_track(()))) == 0


def test_the_input_is_left_as_it_is(make_track):
    track = spoilt(make_track(range(5)), 2)
    before = track.body_pose.copy()
    assert len(drop(track)) == 4 and np.array_equal(track.body_pose, before) and len(track) == 5


def test_bad_input_is_named(make_track):
    with pytest.raises(ValueError, match='between 0 and 180 degrees, got 200'):
        TRACK_TRANSFORMS.build(dict(type='DropSpikes', max_angle=200))
    with pytest.raises(ValueError, match=r'HumanTrack 0 \(3 frames\) has no SMPL pose'):
        drop(make_track(body_pose=None))


def test_its_config_mends_a_file(tmp_path, repo_root):
    film = load_tracks(repo_root / 'cliff_ext/zoo/demo_clip_truth.npz')
    clean = film.tracks[0]
    save_tracks(tmp_path / 'in.npz', [spoilt(clean, [40, 80], 15), *film.tracks[1:]], film.image_size, film.fps, '')
    report = refine_file(tmp_path / 'in.npz', tmp_path / 'out.npz', CONFIG)
    gone = sum(int(np.diff(track.frame_ids).sum()) + 1 - len(track) for track in film.tracks)
    assert report.filled == gone  # frames that the file did not have
    mended = load_tracks(tmp_path / 'out.npz').tracks[0]
    assert np.flatnonzero(mended.filled).tolist() == [40, 80]
    assert np.abs(mended.body_pose - clean.body_pose).max() < 0.1


def test_its_config_builds_the_whole_pipeline():
    names = [type(step).__name__ for step in HumanMeshInferencer(CONFIG).track_pipeline.steps]
    assert names == ['JoinTracks', 'DropSpikes', 'Infill', 'RobustBetas']
