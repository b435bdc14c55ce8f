"""Track transforms as mmhuman3d's smoothing and speed-up, built from its configs and called by its functions."""

import numpy as np
import pytest
import torch

pytest.importorskip('mmhuman3d', reason='needs mmhuman3d 0.11: projects/mmhuman3d/setup_env.sh')
import cliff_ext.integrations.mmhuman3d  # noqa: F401  before mmhuman3d

# isort: split
from mmhuman3d.core.post_processing import build_post_processing
from mmhuman3d.utils.demo_utils import get_speed_up_interval, smooth_process, speed_up_process

from cliff_ext.geometry import geodesic_distance, rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import Gaussian1D, LearnedRefine

SYNSP = dict(type='cliff_ext.LearnedRefine', checkpoint='embedded:refine_synsp8_smpl.pth',
             model=dict(type='SynSP', window_size=8, in_channels=144, dropout=0., base_frequencies=2))


@pytest.fixture
def configs(repo_root):
    return str(repo_root / 'projects' / 'mmhuman3d' / 'post_processing')


def motion(frames=40, noise=0.):
    """Rotations (T, 24, 3, 3), joints turning slowly."""
    t = torch.linspace(0, 1.5, frames)[:, None, None]
    rotvec = 0.4 * torch.sin(t + torch.arange(24)[:, None] + torch.arange(3.))
    generator = torch.Generator().manual_seed(0)
    return (rotvec_to_rotmat(rotvec) @ rotvec_to_rotmat(noise * torch.randn(frames, 24, 3, generator=generator))).numpy()


def angle(a, b):
    """Mean angle, degrees."""
    a, b = (torch.from_numpy(x.reshape(-1, 3, 3).astype(np.float64)) for x in (a, b))
    return float(torch.rad2deg(geodesic_distance(a, b)).mean())


def jitter(x):
    return np.abs(np.diff(x, 2, axis=0)).mean()


@pytest.mark.parametrize('cfg', [dict(type='cliff_ext.OneEuro'), dict(type='cliff_ext.SavitzkyGolay', window=11),
                                 dict(type='cliff_ext.Gaussian1D', sigma=2.), SYNSP], ids=lambda cfg: cfg['type'])
def test_smoothing_leaves_rotations_and_takes_the_jitter(cfg):
    noisy = motion(noise=0.05).astype(np.float64)
    smooth = build_post_processing(dict(cfg))(noisy.reshape(-1, 24, 9))
    assert smooth.shape == (40, 24, 9) and smooth.dtype == np.float64
    matrices = smooth.reshape(-1, 3, 3)
    np.testing.assert_allclose(matrices @ matrices.transpose(0, 2, 1), np.tile(np.eye(3), (len(matrices), 1, 1)), atol=1e-5)
    np.testing.assert_allclose(np.linalg.det(matrices), 1, atol=1e-5)
    assert jitter(smooth) < 0.5 * jitter(noisy.reshape(-1, 24, 9))


def test_mmhuman3ds_own_one_euro_is_untouched_and_leaves_rotations_no_more():
    noisy = motion(noise=0.05).reshape(-1, 24, 9)
    theirs = build_post_processing(dict(type='oneeuro'))(noisy).reshape(-1, 3, 3)
    ours = build_post_processing(dict(type='cliff_ext.OneEuro'))(noisy).reshape(-1, 3, 3)
    assert np.abs(np.linalg.det(theirs) - 1).max() > 1e-2 > np.abs(np.linalg.det(ours) - 1).max()
    assert angle(ours, motion()) < angle(theirs, motion())


def test_the_result_is_that_of_the_track_transform():
    noisy = motion(noise=0.05)
    track = HumanTrack(0, np.arange(40), np.zeros((40, 4)), np.ones(40), np.zeros(40, bool), noisy[:, 0], noisy[:, 1:])
    options = {key: value for key, value in SYNSP.items() if key != 'type'}
    wanted = LearnedRefine(**options)(track).body_pose
    found = build_post_processing(dict(SYNSP))(noisy)
    np.testing.assert_allclose(found[:, 1:], wanted, atol=1e-6)


def test_all_ways_to_write_rotations_give_the_same():
    noisy = motion(noise=0.05)
    filtered = build_post_processing(dict(type='cliff_ext.Gaussian1D'))
    wanted = filtered(noisy)
    np.testing.assert_allclose(filtered(noisy.reshape(40, 24, 9)).reshape(wanted.shape), wanted, atol=1e-6)
    rows = filtered(noisy[..., :2, :].reshape(40, 24, 6))
    np.testing.assert_allclose(rows.reshape(40, 24, 2, 3), wanted[..., :2, :], atol=1e-5)
    tensor = torch.from_numpy(noisy).double()
    found = filtered(tensor)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-6)
    rotvec = build_post_processing(dict(type='cliff_ext.Gaussian1D', axis_angle=True))(
        rotmat_to_rotvec(torch.from_numpy(noisy)))
    np.testing.assert_allclose(rotvec_to_rotmat(rotvec).numpy(), wanted, atol=1e-5)


def test_frames_without_the_person_stay_so_and_are_not_reached_across():
    x = motion().reshape(40, 24, 9)
    x[15:20] = 0
    found = build_post_processing(dict(type='cliff_ext.Gaussian1D'))(x)
    assert not found[15:20].any()
    alone = build_post_processing(dict(type='cliff_ext.Gaussian1D'))(x[:15])
    np.testing.assert_allclose(found[:15], alone, atol=1e-6)
    filled = build_post_processing(dict(type='cliff_ext.Infill', smooth=True))(x)
    assert angle(filled[15:20], motion()[15:20]) < 0.5
    np.testing.assert_array_equal(filled[:15], x[:15])
    nobody = np.zeros((5, 24, 9))
    np.testing.assert_array_equal(build_post_processing(dict(type='cliff_ext.Infill'))(nobody), nobody)


def test_cameras_and_vertices_go_through_a_classical_filter():
    camera = np.random.default_rng(0).normal(size=(40, 1, 3)) + 5
    wanted = Gaussian1D(sigma=3.).smooth(camera)
    for cfg in (SYNSP, dict(type='cliff_ext.Gaussian1D', sigma=3.)):
        np.testing.assert_allclose(build_post_processing(dict(cfg))(camera), wanted, atol=1e-6)
    without = build_post_processing(dict(SYNSP, path=None))
    np.testing.assert_array_equal(without(camera), camera)


def test_joints_of_a_named_skeleton_are_refined_by_the_network():
    cfg = dict(type='cliff_ext.LearnedRefine', on='keypoints3d', skeleton='h36m17', path=None,
               checkpoint='embedded:refine_synsp8_3d.pth',
               model=dict(type='SynSP', window_size=8, in_channels=51, dropout=0., base_frequencies=2))
    joints = np.random.default_rng(0).normal(scale=0.02, size=(30, 17, 3)) + np.linspace(-0.5, 0.5, 51).reshape(17, 3)
    found = build_post_processing(cfg)(joints)
    np.testing.assert_allclose(found[:, 0], joints[:, 0], atol=1e-6)
    assert jitter(found - found[:, :1]) < 0.5 * jitter(joints - joints[:, :1])


def test_smooth_process_smooths_each_person(configs):
    people = np.stack([motion(noise=0.05), motion(noise=0.)], 1).reshape(40, 2, 24, 9)
    found = smooth_process(people, 'smoothnet_windowsize8', configs)
    assert found.shape == people.shape
    assert jitter(found[:, 0]) < 0.5 * jitter(people[:, 0])
    alone = smooth_process(people[:, 1], 'smoothnet_windowsize8', configs)
    np.testing.assert_allclose(found[:, 1], alone, atol=1e-6)


@pytest.mark.parametrize('name', ['oneeuro', 'savgol', 'gaus1d'])
def test_smooth_process_finds_our_filters(configs, name):
    noisy = motion(noise=0.05).reshape(40, 24, 9)
    assert jitter(smooth_process(noisy, name, configs)) < 0.6 * jitter(noisy)


def test_speed_up_process_fills_the_frames_between(configs):
    true = motion(43)
    assert get_speed_up_interval('deciwatch_interval5_q1', configs) == 5
    estimated = np.zeros_like(true)
    estimated[::5], estimated[40:] = true[::5], true[40:]
    found = speed_up_process(torch.from_numpy(estimated), 'deciwatch_interval5_q1', configs)
    np.testing.assert_allclose(found[::5], true[::5], atol=1e-6)
    np.testing.assert_allclose(found[40:], true[40:], atol=1e-6)
    assert angle(found, true) < 0.2


@pytest.mark.parametrize('shape', [(5, 23, 9), (5, 17, 2), (5, 24, 9, 1)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r'rotations \(T, 24, 9\)'):
        build_post_processing(dict(type='cliff_ext.OneEuro'))(np.ones(shape))


def test_bad_options_are_named():
    with pytest.raises(ValueError, match='interval must be at least 1'):
        build_post_processing(dict(type='cliff_ext.Infill', interval=0))
    with pytest.raises(ValueError, match='needs a checkpoint'):
        build_post_processing(dict(type='cliff_ext.LearnedRefine', model=dict(type='SynSP', window_size=8, in_channels=144)))
