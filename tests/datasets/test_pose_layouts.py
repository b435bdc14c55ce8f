import numpy as np
import pytest
import torch

from cliff_ext.datasets import FlatLayout, MultiViewLayout, PoseSequence, SmoothNetLayout, fill_gaps, pose_to_rot6d
from cliff_ext.datasets.pose_sources import KEYS, REPRESENTATIONS, SOURCES, get_source
from cliff_ext.geometry import rot6d_to_rotmat, rotvec_to_rotmat
from cliff_ext.io import UnsafePickleError
from cliff_ext.structures import get_skeleton

RNG = np.random.default_rng(1)


def sequences(lengths, channels):
    return [RNG.normal(size=(n, channels)) for n in lengths]


def images(lengths, stem='s'):
    return [np.array([f'{stem}{i}camera{i}/{t}.jpg' for t in range(n)]) for i, n in enumerate(lengths)]


def test_the_table_has_all_data_sets_and_estimators_and_its_roots_are_joints_of_its_skeleton():
    assert {s.dataset for s in SOURCES.values()} == {'aist', 'h36m', 'jhmdb', 'mpiinf3dhp', 'mupots', 'pw3d'}
    families = {'videoposet': 'videopose', 'tposenet': 'tposenet'}
    estimators = {next((f for p, f in families.items() if s.estimator.startswith(p)), s.estimator) for s in SOURCES.values()}
    assert len(estimators) == 13
    for source in SOURCES.values():
        joints = 14 if source.representation == 'smpl' else len(get_skeleton(source.skeleton))
        assert all(joint < joints for joint in source.root)
        assert source.order is None or len(source.order) == joints
        assert REPRESENTATIONS[source.representation] in KEYS
    assert [get_skeleton('lsp14').joint_names[i] for i in get_source('pw3d', 'eft', '3D').root] == ['right_hip', 'left_hip']
    assert get_skeleton('mpi3dhp17').joint_names[get_source('mupots', 'tposenet', '3D').root[0]] == 'pelvis'


def test_3d_joints_are_read_as_they_stand_and_3dpw_is_put_in_order(smoothnet_files):
    truth, found = sequences((5, 7), 51), sequences((5, 7), 51)
    root = smoothnet_files('h36m_fcn_3D', 'test', dict(imgname=images((5, 7)), joints_3d=truth), dict(joints_3d=found))
    first, second = SmoothNetLayout('h36m', 'fcn', '3D', 'test', root).load()
    assert first.name == 's0camera0/0.jpg' and len(second) == 7
    np.testing.assert_allclose(second.truth, truth[1].astype(np.float32))
    np.testing.assert_allclose(second.detected, found[1].astype(np.float32))

    smoothnet_files('pw3d_spin_3D', 'train', dict(joints_3d=truth), dict(joints_3d=found))
    layout = SmoothNetLayout('pw3d', 'spin', '3D', 'train', root)
    sequence = layout.load()[0]
    assert sequence.truth.shape == (5, 42) and layout.metainfo['root'] == (2, 3)
    names = get_skeleton('h36m17').joint_names
    order = [names.index(name) for name in ('right_hip', 'left_hip')]
    got = sequence.truth.reshape(5, 14, 3)[:, [2, 3]]
    # the 17 joints of Human3.6M's regressor come in Human3.6M's own order: right leg 1 to 3, left leg 4 to 6 of its rows
    assert set(order) == {1, 4}
    np.testing.assert_allclose(got, truth[0].reshape(5, 17, 3)[:, [4, 1]].astype(np.float32))


def test_2d_joints_become_a_share_of_the_image(smoothnet_files):
    points = [np.array([[0., 1000.] * 17, [500., 250.] * 17])]
    root = smoothnet_files('h36m_cpn_2D', 'test', dict(joints_2d=points), dict(joints_2d=points))
    pose = SmoothNetLayout('h36m', 'cpn', '2D', 'test', root).load()[0].truth.reshape(2, 17, 2)
    assert pose[0, 0].tolist() == [-1, 1] and pose[1, 5].tolist() == [0, -0.5]

    points = [np.array([[320., 120.] * 15])]
    extra = dict(imgshape=np.array([[240, 320]]), bbox=[np.array([[10, 20, 110, 220]])])
    smoothnet_files('jhmdb_simplepose_2D', 'test', dict(joints_2d=points, **extra), dict(joints_2d=points))
    sequence = SmoothNetLayout('jhmdb', 'simplepose', '2D', 'test', root).load()[0]
    assert sequence.truth.reshape(15, 2)[3].tolist() == [0.5, 0]
    assert sequence.extras['image_size'].tolist() == [320, 240] and sequence.extras['bboxes'].shape == (1, 4)


def test_smpl_poses_become_6d_with_shape_beside(smoothnet_files):
    pose, shape = sequences((4, ), 72), sequences((4, ), 10)
    truth = dict(pose=pose, trans=sequences((4, ), 3), scaling=[np.full((4, 1), 1.5)])
    root = smoothnet_files('aist_vibe_smpl', 'test', truth, dict(pose=pose, shape=shape))
    sequence = SmoothNetLayout('aist', 'vibe', 'smpl', 'test', root).load()[0]
    assert sequence.truth.shape == (4, 144) and sequence.extras['gt_scaling'].shape == (4, 1)
    np.testing.assert_allclose(sequence.extras['betas'], shape[0], rtol=1e-6)
    got = rot6d_to_rotmat(torch.from_numpy(sequence.truth).unflatten(-1, (24, 6)))
    want = rotvec_to_rotmat(torch.from_numpy(pose[0]).unflatten(-1, (24, 3)))
    assert (got - want).abs().max() < 1e-6


def test_views_of_a_recording_are_stacked_and_cut_to_the_shortest(smoothnet_files):
    lengths = (6, 5, 7, 6, 4)
    names = [np.array([f'walk_camera{i}/0'] * n) for i, n in enumerate(lengths[:4])] + [np.array(['sit_camera0/0'] * 4)]
    parts = sequences(lengths, 51)
    root = smoothnet_files('h36m_fcn_3D', 'train', dict(imgname=names, joints_3d=parts), dict(joints_3d=parts))
    views = MultiViewLayout('h36m', 'fcn', '3D', 'train', root, views=4).load()
    assert [v.name for v in views] == ['walk_'] and views[0].truth.shape == (4, 5, 51)
    np.testing.assert_allclose(views[0].detected[2], parts[2][:5].astype(np.float32))
    with pytest.raises(ValueError, match='no recording has 3 views'):
        MultiViewLayout('h36m', 'fcn', '3D', 'train', root, views=3).load()


def test_flat_motion_is_cut_at_its_offsets_and_turned_upside_for_cameras(flat_file):
    path = flat_file()
    with np.load(path) as content:
        joints, pose = content['joints_3d'], content['smpl_pose']
    first, second = FlatLayout(path, '3D').load()
    assert (len(first), len(second)) == (40, 12) and second.name == '01_01' and second.detected is None
    x, y, z = np.moveaxis(joints[40], -1, 0)
    np.testing.assert_allclose(second.truth[0].reshape(17, 3), np.stack([x, -z, y], -1))
    rot6d = FlatLayout(path, 'smpl').load()[0].truth.reshape(40, 24, 6)
    rotmats = rot6d_to_rotmat(torch.from_numpy(rot6d)).numpy()
    want = rotvec_to_rotmat(torch.from_numpy(pose[:40]).unflatten(-1, (24, 3))).numpy()
    np.testing.assert_allclose(rotmats[:, 1:], want[:, 1:], atol=1e-5)
    up_down = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    np.testing.assert_allclose(rotmats[:, 0], up_down @ want[:, 0], atol=1e-5)


def test_gaps_are_interpolated_counted_and_held_at_the_ends():
    poses = np.arange(6.)[:, None].repeat(2, 1)
    poses[[0, 3]] = np.nan
    poses[5, 1] = np.inf
    filled, count = fill_gaps(poses, 'a')
    assert count == 3
    np.testing.assert_allclose(filled, np.array([1, 1, 2, 3, 4, 4.])[:, None].repeat(2, 1))
    with pytest.raises(ValueError, match='sequence a: no frame is finite'):
        fill_gaps(np.full((3, 2), np.nan), 'a')
    assert np.isnan(pose_to_rot6d(np.full((1, 72), np.nan))).all()


def test_bad_files_are_named(smoothnet_files, tmp_path, flat_file):
    with pytest.raises(ValueError, match='no pose files are known as h36m_spin_3D; known: h36m_fcn_3D'):
        SmoothNetLayout('h36m', 'spin', '3D', 'test')
    with pytest.raises(ValueError, match='has no train files, only test'):
        SmoothNetLayout('mupots', 'tposenet', '3D', 'train')
    with pytest.raises(FileNotFoundError, match=r'h36m_gt_3D_test.npz is missing.*data_root'):
        SmoothNetLayout('h36m', 'fcn', '3D', 'test', tmp_path).load()
    parts = sequences((4, 3), 51)
    root = smoothnet_files('h36m_fcn_3D', 'test', dict(joints_3d=parts), dict(joints_3d=parts[:1]))
    with pytest.raises(ValueError, match='2 true sequences, 1 detected'):
        SmoothNetLayout('h36m', 'fcn', '3D', 'test', root).load()
    with pytest.raises(ValueError, match=r'the estimator gives \(3, 2\), the truth \(4, 2\)'):
        PoseSequence('a', np.zeros((4, 2)), np.zeros((3, 2)))
    np.savez(tmp_path / 'flat.npz', joints_3d=np.zeros((4, 17, 3)), offsets=[0, 5], names=['a'])
    with pytest.raises(ValueError, match='offsets must rise from 0 to 4'):
        FlatLayout(tmp_path / 'flat.npz', '3D').load()
    with pytest.raises(ValueError, match='has no smpl_pose'):
        FlatLayout(tmp_path / 'flat.npz', 'smpl').load()
    with pytest.raises(FileNotFoundError, match='layout.file'):
        FlatLayout(tmp_path / 'none.npz', '3D').load()


def test_object_arrays_with_code_are_refused(smoothnet_files, tmp_path):
    class Evil:
        def __reduce__(self):
            return print, ('ran',)

    parts = sequences((4, ), 51)
    root = smoothnet_files('h36m_fcn_3D', 'test', dict(joints_3d=[Evil()]), dict(joints_3d=parts))
    with pytest.raises(UnsafePickleError):
        SmoothNetLayout('h36m', 'fcn', '3D', 'test', root).load()
