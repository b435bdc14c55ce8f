import numpy as np
import pytest
from mmengine.config import Config

from cliff_ext.apis.fit_evaluation import compare_speed, evaluate_fits, spoiled_keypoints, track_errors
from cliff_ext.body_models import SMPL

CONFIG = """
track_pipeline = [dict(type='SMPLifyFit', stages=[dict(type='CameraStage', iterations=12)])]
"""


@pytest.fixture(scope='module')
def body() -> SMPL:
    return SMPL()


@pytest.fixture
def truth(make_track):
    still = np.tile([0., 0., 4.], (8, 1))
    return make_track(range(8), transl=still, bboxes=np.tile([20., 0., 76., 64.], (8, 1)))


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'camera.py'
    path.write_text(CONFIG)
    return path


def test_keypoints_are_spoiled_by_as_much_as_asked(truth, body):
    clean = spoiled_keypoints([truth], body, noise=0., hidden=0., swapped=0.)
    points = np.concatenate(list(clean.frames.values()))
    assert points.shape == (8, 17, 3) and (points[..., 2] >= 0.5).all()
    noisy = np.concatenate(list(spoiled_keypoints([truth], body, noise=0.05, hidden=0., swapped=0.).frames.values()))
    assert (noisy - points)[..., :2].std() == pytest.approx(0.05 * 64, rel=0.2)
    exchanged = np.concatenate(list(spoiled_keypoints([truth], body, noise=0., hidden=0., swapped=1.).frames.values()))
    assert np.allclose(exchanged[:, 5, :2], points[:, 6, :2])
    hidden = np.concatenate(list(spoiled_keypoints([truth], body, noise=0., hidden=15., swapped=0.).frames.values()))
    assert not hidden[:, 11:, 2].any() and hidden[:, 0, 2].all()


def test_the_truth_has_no_error_and_jitter_is_measured(truth, body):
    exact = track_errors(body, [truth], [truth])
    assert max(abs(value) for value in exact.values()) < 0.05
    shaken = truth.replace(transl=truth.transl + 0.01 * (np.arange(8)[:, None] % 2))
    figures = track_errors(body, [shaken], [truth])
    assert figures['accel'] == pytest.approx(0, abs=0.05)
    assert figures['accel_camera'] == pytest.approx(20 * 3**0.5, rel=0.01)


def test_gaps_have_no_acceleration(truth, body):
    figures = track_errors(body, [truth[[0, 1, 3, 4, 6]]], [truth])
    assert np.isnan(figures['accel'])
    with pytest.raises(ValueError, match='no found person'):
        track_errors(body, [], [truth])


def test_estimate_and_fits_side_by_side(truth, config, body):
    found = truth.replace(transl=truth.transl + [0.2, 0., 0.])
    keypoints = spoiled_keypoints([truth], body, noise=0., hidden=0., swapped=0.)
    results = evaluate_fits([found], [truth], keypoints, [config])
    assert list(results) == ['estimate', 'camera'] and results['camera']['seconds'] > 0
    idle = evaluate_fits([found], [truth], keypoints, [config],
                         options={'track_pipeline.0.stages.0.iterations': 1})['camera']
    assert results['camera']['loss'] < 0.5 * idle['loss'] and results['camera']['pixels'] < 0.5 * idle['pixels']


def test_at_once_and_one_by_one_end_at_the_same_loss(truth, config, body):
    found = truth.replace(transl=truth.transl + [0.2, 0., 0.])
    figures = compare_speed(found, spoiled_keypoints([truth], body), config)
    assert figures['difference'] < 0.01 and figures['times'] > 1
    film = Config.fromfile(config)
    film.track_pipeline[0].window = 4
    assert compare_speed(found, spoiled_keypoints([truth], body), film) == {}
