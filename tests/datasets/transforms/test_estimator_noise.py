import numpy as np
import pytest
import torch

from cliff_ext.datasets.transforms import EstimatorNoise
from cliff_ext.datasets.transforms.estimator_noise import limb_joints, mirror_rot6d, on_and_off, slow_drift, turn_rot6d
from cliff_ext.geometry import geodesic_distance, rot6d_to_rotmat, rotmat_to_rot6d, rotvec_to_rotmat
from cliff_ext.structures import get_skeleton

POINTS = dict(representation='keypoints3d', skeleton='h36m17')
QUIET = dict(burst_rate=0., swap_rate=0., drop_rate=0.)


def spoil(noise, pose, meta=POINTS, name='01_01'):
    return noise(dict(sequence=name, truth=pose, detected=pose.copy(), metainfo=meta))['detected']


def random_rot6d(*shape):
    return rotmat_to_rot6d(rotvec_to_rotmat(torch.randn(*shape, 3))).numpy()


def test_a_seed_repeats_the_noise_of_a_sequence_and_sequences_differ():
    noise, pose = EstimatorNoise(0.01, 0.02, 0.1, seed=3), np.zeros((50, 51), np.float32)
    first = spoil(noise, pose)
    np.testing.assert_array_equal(first, spoil(EstimatorNoise(0.01, 0.02, 0.1, seed=3), pose))
    assert not np.array_equal(first, spoil(noise, pose, name='01_02'))
    assert not np.array_equal(first, spoil(EstimatorNoise(0.01, 0.02, 0.1, seed=4), pose))
    unseeded = EstimatorNoise(0.01, 0.02, 0.1)
    np.random.seed(0)
    one = spoil(unseeded, pose)
    assert not np.array_equal(one, spoil(unseeded, pose))
    np.random.seed(0)
    np.testing.assert_array_equal(one, spoil(unseeded, pose))


def test_jitter_has_its_size_and_grows_with_strength():
    pose = np.zeros((4000, 51), np.float32)
    weak, strong = (spoil(EstimatorNoise(0.01, 0, 0, strength=s, seed=0, **QUIET), pose) for s in (1., 3.))
    np.testing.assert_allclose(strong, 3 * weak, rtol=1e-5)
    assert weak.reshape(4000, 17, 3).std((0, 2)).mean() == pytest.approx(0.01 * np.exp(0.35**2 / 2), rel=0.25)
    steps = np.diff(weak, axis=0).std(0) / weak.std(0)
    assert steps == pytest.approx(np.sqrt(2), rel=0.1)  # white


def test_drift_is_slow_and_of_unit_variance():
    drift = slow_drift(np.random.default_rng(0), 300, (400, 3))
    assert drift.shape == (300, 400, 3) and drift.std() == pytest.approx(1, rel=0.1)
    assert np.abs(np.diff(drift, 2, axis=0)).mean() < 0.03


def test_events_come_at_their_rate_and_last_their_length():
    state = on_and_off(np.random.default_rng(0), 20000, 20, 0.01, 5.)
    begins = (state[1:] & ~state[:-1]).sum()
    assert begins / (~state).sum() == pytest.approx(0.01, rel=0.05)
    assert state.sum() / begins == pytest.approx(5, rel=0.05)
    assert state[0].mean() < 0.3 and not on_and_off(np.random.default_rng(0), 100, 5, 0., 5.).any()


def test_bursts_move_one_limb_far_and_leave_the_rest():
    pose = np.zeros((3000, 51), np.float32)
    error = spoil(EstimatorNoise(0, 0, 0.1, seed=1, burst_rate=0.002, swap_rate=0, drop_rate=0), pose).reshape(-1, 17, 3)
    moved = np.linalg.norm(error, axis=-1) > 1e-6
    h36m = get_skeleton('h36m17')
    limbs = [h36m.index(f'{side}_{part}') for side in ('left', 'right') for part in ('knee', 'ankle', 'elbow', 'wrist')]
    assert moved[:, limbs].any(0).all() and not np.delete(moved, limbs, 1).any()
    assert np.array_equal(moved[:, h36m.index('left_knee')], moved[:, h36m.index('left_ankle')])
    assert 0.01 < moved[:, limbs].mean() < 0.06


def test_swaps_exchange_left_and_right():
    pose = np.random.default_rng(0).normal(size=(400, 17, 3)).astype(np.float32)
    noisy = spoil(EstimatorNoise(0, 0, 0, seed=0, burst_rate=0, swap_rate=0.05, drop_rate=0), pose.reshape(400, -1))
    noisy = noisy.reshape(400, 17, 3)
    legs = limb_joints(get_skeleton('h36m17'), [('knee', 'ankle')])[0]
    assert legs == ([5, 6], [2, 3])
    swapped = ~np.isclose(noisy[:, 5], pose[:, 5]).all(-1)
    assert 0.05 < swapped.mean() < 0.5
    for left, right in zip(*legs, strict=True):
        np.testing.assert_array_equal(noisy[swapped, left], pose[swapped, right])
        np.testing.assert_array_equal(noisy[swapped, right], pose[swapped, left])


def test_dropped_frames_hold_the_last_pose():
    pose = np.arange(500, dtype=np.float32)[:, None].repeat(51, 1)
    held = spoil(EstimatorNoise(0, 0, 0, seed=0, burst_rate=0, swap_rate=0, drop_rate=0.1), pose)[:, 0]
    dropped = held != np.arange(500)
    assert 0.1 < dropped.mean() < 0.5 and not dropped[0]
    assert all(held[t] == held[t - 1] for t in np.flatnonzero(dropped))


def test_rotations_stay_rotations_and_are_off_by_the_noise():
    pose = random_rot6d(200, 24)
    noisy = spoil(EstimatorNoise(0.05, 0, 0, seed=0, **QUIET), pose.reshape(200, -1),
                  dict(representation='smpl', skeleton='smpl24')).reshape(200, 24, 6)
    columns = noisy.reshape(200, 24, 3, 2)
    np.testing.assert_allclose(np.einsum('tkij,tkil->tkjl', columns, columns), np.eye(2) + np.zeros((200, 24, 1, 1)),
                               atol=1e-5)
    angle = geodesic_distance(*(rot6d_to_rotmat(torch.from_numpy(value)) for value in (pose, noisy)))
    assert float(angle.mean()) == pytest.approx(0.05 * 1.6 * np.exp(0.35**2 / 2), rel=0.15)


def test_turning_and_mirroring_rotations_follow_their_matrices():
    pose, turn = random_rot6d(7), np.random.default_rng(0).normal(size=(7, 3))
    want = rotvec_to_rotmat(torch.from_numpy(turn).float()) @ rot6d_to_rotmat(torch.from_numpy(pose))
    assert (rot6d_to_rotmat(torch.from_numpy(turn_rot6d(pose, turn))) - want).abs().max() < 1e-5
    mirror = torch.diag(torch.tensor([-1., 1., 1.]))
    want = mirror @ rot6d_to_rotmat(torch.from_numpy(pose)) @ mirror
    assert (rot6d_to_rotmat(torch.from_numpy(mirror_rot6d(pose)).float()) - want).abs().max() < 1e-5


def test_views_get_errors_of_their_own_and_2d_is_refused():
    pose = np.zeros((2, 30, 51), np.float32)
    noisy = spoil(EstimatorNoise(0.01, 0, 0, seed=0), pose)
    assert noisy.shape == pose.shape and not np.array_equal(noisy[0], noisy[1])
    with pytest.raises(ValueError, match='keypoints2d'):
        spoil(EstimatorNoise(0.01, 0, 0), pose, dict(representation='keypoints2d', skeleton='h36m17'))
