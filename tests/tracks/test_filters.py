import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.tracks import filters

LINE = np.arange(40, dtype=np.float32)[:, None, None] * np.array([[0.5, -1., 2.]], np.float32) + 3
ALL = (filters.savitzky_golay, filters.gaussian1d, filters.one_euro)


@pytest.mark.parametrize('smooth', ALL)
@pytest.mark.parametrize('count', [0, 1, 2, 3, 5, 40])
def test_any_length_keeps_shape_and_type_and_the_input(smooth, count):
    x = np.random.default_rng(0).normal(size=(count, 4, 3)).astype(np.float32)
    before = x.copy()
    y = smooth(x)
    assert y.shape == x.shape and y.dtype == np.float32 and np.isfinite(y).all()
    assert np.array_equal(x, before) and y is not x


@pytest.mark.parametrize('smooth', [filters.savitzky_golay, filters.gaussian1d])
def test_a_steady_motion_passes_also_at_the_ends(smooth):
    assert np.abs(smooth(LINE) - LINE).max() < 1e-4


@pytest.mark.parametrize('smooth', ALL)
def test_jitter_shrinks(smooth):
    noise = np.random.default_rng(1).normal(size=(300, 5)) * 0.01
    assert smooth(noise).std() < 0.6 * noise.std()
    assert np.abs(np.diff(smooth(noise), 2, 0)).mean() < 0.5 * np.abs(np.diff(noise, 2, 0)).mean()


@given(st.integers(0, 10**6))
def test_one_euro_filters_values_apart(seed):
    x = np.random.default_rng(seed).normal(size=(12, 6))
    together = filters.one_euro(x)
    assert np.allclose(together, np.stack([filters.one_euro(column) for column in x.T], 1), atol=1e-12)
    assert np.array_equal(together[0], x[0])


def test_one_euro_is_causal_and_its_cutoff_rises_with_speed():
    x = np.zeros((30, 1))
    x[15:] = 1.
    y = filters.one_euro(x, 0.04, 0.)
    assert (y[:15] == 0).all() and 0 < y[15, 0] < 0.25
    assert filters.one_euro(x, 0.04, 5.)[15, 0] > y[15, 0]


@pytest.mark.parametrize('sigma', [0.05, 0.13, 1., 30.])
def test_any_width_of_gaussian_gives_numbers(sigma):
    x = np.random.default_rng(4).normal(size=(20, 2))
    assert np.isfinite(filters.gaussian1d(x, sigma)).all()


def test_the_gaussian_smooths_the_ends_too():
    noise = np.random.default_rng(5).normal(size=(30, 2000))
    assert filters.gaussian1d(noise, 4.)[[0, -1]].std() < 0.65 and filters.gaussian1d(noise, 4.)[15].std() < 0.3


def test_savitzky_golay_keeps_a_parabola_and_takes_even_windows_as_odd():
    parabola = (np.arange(20.)[:, None] - 7)**2
    assert np.abs(filters.savitzky_golay(parabola, 9, 2) - parabola).max() < 1e-9
    noise = np.random.default_rng(2).normal(size=(20, 1))
    assert np.array_equal(filters.savitzky_golay(noise, 10, 2), filters.savitzky_golay(noise, 9, 2))


def test_the_references_chunks_leave_the_rest_unfiltered():
    x = np.random.default_rng(3).normal(size=(70, 2))
    y = filters.gaussian1d_chunks(x, 3, 31)
    assert np.array_equal(y[62:], x[62:]) and not np.allclose(y[:62], x[:62])


def test_rotations_stay_rotations_and_do_not_jump_at_a_half_turn():
    angle = np.linspace(np.pi - 0.3, np.pi + 0.3, 40)
    rotmats = rotvec_to_rotmat(torch.from_numpy(angle[:, None] * np.array([0., 0.6, 0.8]))).numpy()[:, None]
    smooth = filters.filter_rotations(rotmats, filters.gaussian1d)
    assert smooth.shape == (40, 1, 3, 3)
    assert np.abs(smooth @ smooth.swapaxes(-1, -2) - np.eye(3)).max() < 1e-6 and (np.linalg.det(smooth) > 0).all()
    assert np.abs(smooth - rotmats).max() < 0.02  # filtered as axis-angle, the flip of the axis would tear it apart
