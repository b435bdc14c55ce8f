import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.geometry import geodesic_distance, rotvec_to_rotmat
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import Infill


@pytest.mark.parametrize('smooth', [False, True])
def test_a_steady_motion_is_filled_exactly(moving, smooth):
    whole = moving(range(30))
    filled = Infill(30, smooth)(whole[np.r_[0:8, 21:30]])
    assert filled.frame_ids.tolist() == list(range(30))
    assert filled.filled.tolist() == [8 <= t < 21 for t in range(30)]
    for name, value in whole.rows().items():
        if name != 'filled':
            assert np.abs(getattr(filled, name) - value).max() < 2e-4, name


@pytest.mark.parametrize('smooth', [False, True])
def test_frames_that_were_there_are_kept_bit_for_bit_and_the_input_too(moving, smooth):
    track = moving([0, 1, 5, 6, 20], noise=0.1)
    copy = track.transl.copy()
    filled = Infill(13, smooth)(track)
    assert filled.frame_ids.tolist() == [0, 1, 2, 3, 4, 5, 6, *range(7, 21)]
    rows = np.isin(filled.frame_ids, track.frame_ids)
    for name, value in track.rows().items():
        assert np.array_equal(getattr(filled, name)[rows], value), name
    assert np.array_equal(track.transl, copy) and len(track) == 5


def test_longer_gaps_stay_open_and_nothing_is_extrapolated(moving):
    filled = Infill(3)(moving([2, 3, 7, 12, 13]))
    assert filled.frame_ids.tolist() == [2, 3, 4, 5, 6, 7, 12, 13]
    assert len(Infill()(moving([]))) == 0 and Infill()(moving([4])).frame_ids.tolist() == [4]
    with pytest.raises(ValueError, match='at least 1'):
        Infill(0)


@pytest.mark.parametrize('smooth', [False, True])
def test_rotations_go_the_short_way_round(make_track, smooth):
    ends = rotvec_to_rotmat(torch.tensor([[0., 0., 0.], [0., 0., -3.0]])).numpy()
    track = make_track((0, 6), global_orient=ends)
    middle = Infill(9, smooth)(track).global_orient[3]
    assert geodesic_distance(torch.from_numpy(middle), rotvec_to_rotmat(torch.tensor([0., 0., -1.5]))) < 1e-3
    far = rotvec_to_rotmat(torch.tensor([[0., 0., -2.], [0., 0., 2.]])).numpy()  # 4 rad apart one way, 2.28 the other
    steps = Infill(9, smooth)(make_track((0, 6), global_orient=far)).global_orient
    angles = geodesic_distance(torch.from_numpy(steps[:-1]), torch.from_numpy(steps[1:]))
    assert angles.sum() == pytest.approx(2 * np.pi - 4, abs=1e-3)


@given(st.integers(0, 10**6))
def test_the_smooth_way_has_no_kink_and_leaves_no_range(seed):
    rng = np.random.default_rng(seed)
    speeds = np.repeat(rng.normal(size=(2, 1, 3)), [3, 3], 0)[:, 0] * 0.02
    frames = np.array([0, 1, 2, 1000, 1001, 1002])
    count = len(frames)
    transl = rng.normal(size=3) + np.concatenate([speeds[:3] * frames[:3, None], 20 + speeds[3:] * frames[:3, None]])
    turn = rng.normal(size=3) + speeds * np.tile(frames[:3], 2)[:, None]
    track = HumanTrack(0, frames, np.zeros((count, 4)), np.ones(count), np.zeros(count, bool), transl=transl,
                       global_orient=rotvec_to_rotmat(torch.from_numpy(turn)).numpy())
    filled = Infill(2000, smooth=True)(track)
    low, high = np.minimum(*transl[2:4]) - 1e-3, np.maximum(*transl[2:4]) + 1e-3
    assert (filled.transl[3:1000] >= low).all() and (filled.transl[3:1000] <= high).all()
    second = np.linalg.norm(np.diff(filled.transl.astype(np.float64), 2, axis=0), axis=1)
    linear = np.linalg.norm(np.diff(Infill(2000)(track).transl.astype(np.float64), 2, axis=0), axis=1)
    assert second[3:-3].max() < max(0.35 * linear.max(), 1e-3)
    rotmats = torch.from_numpy(filled.global_orient)
    angles = geodesic_distance(rotmats[:-1].double(), rotmats[1:].double()).numpy()
    assert np.abs(np.diff(angles[2:-2])).max() < 2e-3 and np.isfinite(angles).all()


def test_velocities_are_continuous_at_both_edges_of_a_gap():
    from cliff_ext.tracks.interpolate import interpolate, interpolate_rotations, place
    step = 1e-3
    t = np.array([0., 1., 5., 6.])
    values = np.array([0., 1., 3., 3.5])[:, None]
    rotmats = rotvec_to_rotmat(torch.tensor([[0., 0., 0.], [0.1, 0., 0.], [0.5, 0.4, -0.3], [0.6, 0.5, -0.2]],
                                            dtype=torch.float64)).numpy()
    for edge in (1., 5.):
        around = place(t, np.array([edge - step, edge + step]))
        at = int(np.flatnonzero(t == edge)[0])
        before, after = interpolate(values, around, True)
        assert (values[at] - before) / step == pytest.approx((after - values[at]) / step, abs=5e-3)
        turned = interpolate_rotations(rotmats, around, True)
        one, two = (torch.from_numpy(r) for r in (turned[0].T @ rotmats[at], rotmats[at].T @ turned[1]))
        assert torch.allclose((one - one.T) / step, (two - two.T) / step, atol=5e-3)
