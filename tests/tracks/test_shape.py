import numpy as np

from cliff_ext.tracks import RobustBetas
from cliff_ext.tracks.shape import weighted_median


def test_one_shape_that_outliers_and_filled_frames_do_not_move(moving):
    track = moving(range(9))
    betas = track.betas.copy()
    betas[:3] = 50.
    betas[7] = -80.
    filled = np.arange(9) == 7
    result = RobustBetas()(track.replace(betas=betas, filled=filled))
    assert np.allclose(result.betas, track.betas) and np.array_equal(result.filled, filled)


def test_scores_weigh(moving):
    track = moving(range(3), scores=np.array([0.1, 0.1, 0.9]), betas=np.arange(3.)[:, None].repeat(10, 1))
    assert (RobustBetas()(track).betas == 2).all()
    assert (RobustBetas()(track.replace(scores=np.zeros(3))).betas == 1).all()


def test_tracks_without_shape_or_frames_pass(moving):
    track = moving(range(3), betas=None)
    assert RobustBetas()(track) is track and len(RobustBetas()(moving([]))) == 0


def test_the_weighted_median_of_equal_weights_is_the_median():
    for count in (1, 2, 5, 8):
        values = np.random.default_rng(count).normal(size=(count, 3))
        assert np.allclose(weighted_median(values, np.ones(count)), np.median(values, 0))
