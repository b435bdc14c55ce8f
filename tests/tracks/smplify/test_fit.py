import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import build_track_pipeline
from cliff_ext.tracks import FitOrPrediction, SMPLifyFit
from cliff_ext.tracks.smplify import BatchLBFGS

CONFIGS = sorted((Path(__file__).resolve().parents[3] / 'configs' / 'fit').glob('*.py'))
CAMERA = dict(type='CameraStage', iterations=15)
FREE = ['global_orient', 'body_pose', 'betas', 'transl']
BODY = dict(type='BodyStage', pose_prior=dict(type='RestPosePrior'), free=FREE, ignored=[], anchor=500., iterations=30)
SMOOTH = dict(BODY, velocity=(10., 100.), acceleration=(1e4, 1e6), iterations=40)


@pytest.fixture(scope='module')
def alone(body):
    return SMPLifyFit([CAMERA, BODY], body_model=body)


@pytest.fixture(scope='module')
def over_time(body):
    return SMPLifyFit([CAMERA, SMOOTH], body_model=body, window=8, overlap=4)


def joints(body, track) -> np.ndarray:
    with torch.no_grad():
        return body(*(torch.from_numpy(getattr(track, name)) for name in FREE)).smpl_joints.numpy()


def test_a_fit_lies_better_and_changes_no_input(alone, person):
    _, estimate = person(3)
    before = copy.deepcopy(estimate)
    (fitted, ), (report, ) = alone.fit([estimate])
    assert (report.after < 0.4 * report.before).all() and not report.kept and not report.guessed.any()
    assert all(np.array_equal(a, b) for a, b in zip(estimate.rows().values(), before.rows().values(), strict=True)
               if a is not None)
    assert np.array_equal(fitted.keypoints2d, estimate.keypoints2d)


def test_people_and_frames_together_or_alone_come_out_the_same(alone, person):
    tracks = [person(2, seed=1)[1], person(1, seed=2)[1]]
    together = alone.fit(tracks)[0]
    apart = [alone(track[i:i + 1]) for track in tracks for i in range(len(track))]
    poses = np.concatenate([track.body_pose for track in together]), np.concatenate([one.body_pose for one in apart])
    assert np.allclose(*poses, atol=2e-2)


def test_frames_that_cannot_be_fitted_keep_their_estimate(alone, person):
    _, estimate = person(5)
    points = estimate.keypoints2d.copy()
    points[0, :, 2] = 0  # nobody seen
    points[1, 5:, 2] = 0  # five joints
    points[2, :, :2] *= 3  # of a larger picture
    (fitted, ), (report, ) = alone.fit([estimate.replace(keypoints2d=points)])
    assert np.array_equal(fitted.body_pose[:3], estimate.body_pose[:3])
    assert not np.allclose(fitted.body_pose[3:], estimate.body_pose[3:])
    lines = report.problems()
    assert len(lines) == 3 and all('person 3, frame' in line for line in lines)
    for frame, why in ((0, 'no keypoints'), (1, 'fewer than 6'), (2, 'another picture')):
        assert why in next(line for line in lines if f'frame {frame}:' in line)


def test_a_track_without_keypoints(alone, person):
    track = person(2)[1].replace(keypoints2d=None, keypoints2d_skeleton=None)
    (fitted, ), (report, ) = alone.fit([track])
    assert fitted is track and report.problems() == [
        'person 3, frames 0-1: kept the previous estimate, as it has no keypoints']


def test_a_diverged_frame_keeps_its_estimate_and_the_others_are_fitted(body, person):

    class Exploding(BatchLBFGS):

        def __call__(self, loss, start, iterations):
            found = super().__call__(loss, start, iterations)
            found[0] = torch.nan
            return found

    fit = SMPLifyFit([CAMERA], body_model=body)
    fit.minimizer = Exploding()
    _, estimate = person(3)
    (fitted, ), (report, ) = fit.fit([estimate])
    assert report.kept == {0: 'since the fit diverged'}
    assert np.array_equal(fitted.transl[0], estimate.transl[0]) and not np.array_equal(fitted.transl[1], estimate.transl[1])


def test_over_time_motion_is_smooth_and_the_shape_one(over_time, alone, body, person):
    truth, estimate = person(16, noise=0.15, pixels=2.)
    jitter = {name: np.abs(np.diff(joints(body, track), 2, axis=0)).mean()
              for name, track in dict(truth=truth, single=alone(estimate), film=over_time(estimate)).items()}
    assert jitter['truth'] < jitter['film'] < 0.15 * jitter['single']
    film = over_time(estimate)
    assert np.ptp(film.betas, axis=0).max() < 1e-5
    errors = [np.linalg.norm(joints(body, track) - joints(body, truth), axis=-1).mean() for track in (estimate, film)]
    assert errors[1] < 0.7 * errors[0]


def test_frames_without_keypoints_follow_their_neighbours(over_time, body, person):
    truth, estimate = person(8, noise=0.)
    points, hidden = estimate.keypoints2d.copy(), slice(3, 5)
    points[hidden, :, 2] = 0
    lost = estimate.body_pose.copy()
    lost[hidden] = np.eye(3)
    filled = np.zeros(8, bool)
    filled[hidden] = True
    (fitted, ), (report, ) = over_time.fit([estimate.replace(keypoints2d=points, body_pose=lost, filled=filled)])
    assert report.guessed.tolist() == filled.tolist() and not report.kept
    assert report.problems() == ['person 3, frames 3-4: follow their neighbours, without usable keypoints']
    error = np.linalg.norm(joints(body, fitted) - joints(body, truth), axis=-1).mean(1)
    assert error[hidden].max() < 0.06


def test_the_better_of_fit_and_estimate(alone, person):
    truth, estimate = person(2)
    points = estimate.keypoints2d.copy()
    track = estimate.replace(body_pose=np.concatenate([truth.body_pose[:1], estimate.body_pose[1:]]), keypoints2d=points,
                             transl=truth.transl)
    (chosen, ), (report, ) = FitOrPrediction(alone).fit([track])
    assert np.array_equal(chosen.body_pose[0], track.body_pose[0]) and 0 in report.kept
    assert not np.array_equal(chosen.body_pose[1], track.body_pose[1]) and 1 not in report.kept
    assert (report.after <= report.before).all()


@pytest.mark.parametrize('path', CONFIGS, ids=[path.stem for path in CONFIGS])
def test_a_fit_that_ships(path):
    steps = Config.fromfile(path).track_pipeline
    assert len(build_track_pipeline(path)) == len(steps)
    assert sum(step['type'] in ('SMPLifyFit', 'FitOrPrediction') for step in steps) == 1


def test_mistakes(alone, body, person):
    with pytest.raises(ValueError, match='overlap of at most half'):
        SMPLifyFit([CAMERA], body_model=body, window=4, overlap=3)
    with pytest.raises(ValueError, match='margin'):
        FitOrPrediction(alone, margin=1.)
    with pytest.raises(ValueError, match='has no focal_length'):
        alone(person(1)[1].replace(focal_length=None))
    other = person(1)[1]
    with pytest.raises(ValueError, match='several skeletons'):
        alone.fit([other, other.replace(keypoints2d=np.zeros((1, 25, 3)), keypoints2d_skeleton='openpose25')])
