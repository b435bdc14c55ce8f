import numpy as np
import pytest
import torch

from cliff_ext.datasets.transforms import PackPoseWindow, RootRelative, VaryMotion
from cliff_ext.geometry import rot6d_to_rotmat, rotmat_to_rot6d, rotvec_to_rotmat
from cliff_ext.structures import get_skeleton

POINTS = dict(representation='keypoints3d', skeleton='h36m17', root=(0, ))
SMPL = dict(representation='smpl', skeleton='smpl24', root=(0, ))


def results(pose, meta=POINTS, **more):
    return dict(sequence='a', truth=pose.copy(), detected=pose.copy(), frame_ids=np.arange(pose.shape[-2]), extras={},
                metainfo=meta, **more)


def distances(pose):
    points = pose.reshape(len(pose), -1, 3)
    return np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)


def test_heading_keeps_heights_and_bones_and_is_one_turn_for_all_frames():
    np.random.seed(0)
    pose = np.random.normal(size=(9, 51)).astype(np.float32)
    turned = VaryMotion('heading', flip_prob=0)(results(pose))['truth']
    np.testing.assert_allclose(turned.reshape(9, 17, 3)[..., 1], pose.reshape(9, 17, 3)[..., 1], atol=1e-6)
    np.testing.assert_allclose(distances(turned.reshape(1, -1)), distances(pose.reshape(1, -1)), atol=1e-5)
    assert np.abs(turned - pose).max() > 0.1


def test_tilt_leans_a_little_and_scale_changes_size():
    np.random.seed(0)
    pose = np.random.normal(size=(4, 51)).astype(np.float32)
    leaning = VaryMotion('heading', tilt=5., flip_prob=0)(results(pose))['truth'].reshape(-1, 3)
    moved = np.abs(leaning[:, 1] - pose.reshape(-1, 3)[:, 1]).max()
    assert 0.01 < moved < 1
    big = VaryMotion('heading', scale=(2, 2), flip_prob=0)(results(pose))['truth']
    np.testing.assert_allclose(distances(big), 2 * distances(pose), rtol=1e-4)


def test_flipping_mirrors_and_exchanges_sides():
    pose = np.zeros((2, 17, 3), np.float32)
    left, right = get_skeleton('h36m17').index('left_wrist'), get_skeleton('h36m17').index('right_wrist')
    pose[:, left] = [0.5, 1, 0]
    flipped = VaryMotion('heading', flip_prob=1)(results(pose.reshape(2, -1)))
    points = flipped['truth'].reshape(2, 17, 3)
    assert np.linalg.norm(points[0, right]) == pytest.approx(np.linalg.norm([0.5, 1]), rel=1e-5)
    assert np.abs(points[:, left]).max() == 0
    np.testing.assert_array_equal(flipped['detected'], flipped['truth'])


def test_smpl_turns_at_the_root_alone():
    np.random.seed(0)
    pose = rotmat_to_rot6d(rotvec_to_rotmat(torch.randn(5, 24, 3))).flatten(1).numpy()
    turned = VaryMotion('any', flip_prob=0)(results(pose, SMPL))['truth']
    np.testing.assert_array_equal(turned[:, 6:], pose[:, 6:])
    before, after = (rot6d_to_rotmat(torch.from_numpy(value[:, :6])) for value in (pose, turned))
    change = after @ before.mT
    assert (change - change[0]).abs().max() < 1e-5 and (change[0] - torch.eye(3)).abs().max() > 0.1
    with pytest.raises(ValueError, match="'heading' or 'any'"):
        VaryMotion('sideways')


def test_root_relative_moves_both_and_needs_3d():
    pose = np.random.default_rng(0).normal(size=(2, 4, 51)).astype(np.float32)
    meta = dict(POINTS, root=(2, 3))
    moved = RootRelative()(results(pose, meta))
    for key in ('truth', 'detected'):
        points = moved[key].reshape(2, 4, 17, 3)
        assert np.abs(points[..., [2, 3], :].mean(-2)).max() < 1e-6
    with pytest.raises(ValueError, match='needs 3D joints'):
        RootRelative()(results(pose, SMPL))


def test_packing_keeps_what_metrics_need():
    packed = PackPoseWindow()({**results(np.ones((3, 51)), POINTS), 'extras': dict(betas=np.zeros((3, 10)))})
    sample = packed['data_samples']
    assert packed['inputs'].dtype == torch.float32 and sample.gt_pose.shape == (3, 51)
    assert sample.sequence == 'a' and sample.betas.shape == (3, 10) and sample.representation == 'keypoints3d'
    assert sample.frame_ids.tolist() == [0, 1, 2]
