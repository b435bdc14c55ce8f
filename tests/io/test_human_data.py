import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from cliff_ext.io import HumanData, UnsafePickleError, load_human_data, save_human_data
from cliff_ext.io.human_data_joints import HUMAN_DATA_JOINTS, from_human_data, human_data_joints, to_human_data
from cliff_ext.structures import get_skeleton, list_skeletons


def make(count=3, **changes) -> HumanData:
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 50, (count, 2))
    columns = dict(
        image_path=[f'a/{i:03d}.jpg' for i in range(count)], bbox=np.concatenate([low, low + 20], 1), dataset='toy',
        scores=rng.random(count), keypoints2d=rng.random((count, 17, 3)), keypoints2d_skeleton='coco17',
        keypoints3d=rng.random((count, 17, 4)), keypoints3d_skeleton='h36m17', global_orient=rng.random((count, 3)),
        body_pose=rng.random((count, 23, 3)), betas=rng.random((count, 10)), transl=rng.random((count, 3)),
        focal_length=np.full(count, 500.), image_size=np.full((count, 2), (640, 480)), gender=['male'] * count,
        sequence=['walk'] * count, action=['Walking'] * count, frame_id=np.arange(count))
    return HumanData(**{**columns, **changes})


def test_every_column_comes_back(tmp_path):
    data = make()
    save_human_data(tmp_path / 'a.npz', data)
    read = load_human_data(tmp_path / 'a.npz', 'coco17', eval_skeleton='h36m17')
    for name in ('bbox', 'scores', 'keypoints2d', 'global_orient', 'body_pose', 'betas', 'transl', 'focal_length',
                 'image_size'):
        np.testing.assert_allclose(getattr(read, name), getattr(data, name), atol=1e-6, err_msg=name)
    for name in ('image_path', 'gender', 'sequence', 'action', 'frame_id', 'has_smpl', 'has_betas', 'has_transl'):
        assert getattr(read, name).tolist() == getattr(data, name).tolist(), name
    np.testing.assert_allclose(read.keypoints3d_eval, data.keypoints3d, atol=1e-6)
    assert read.dataset == 'toy' and read.keypoints3d_skeleton == 'coco17'


def test_columns_that_are_not_known_stay_unknown(tmp_path):
    save_human_data(tmp_path / 'a.npz', HumanData(image_path=['a.jpg'], bbox=[[0, 0, 2, 3]]))
    read = load_human_data(tmp_path / 'a.npz')
    assert read.keypoints2d is None and read.body_pose is None and read.gender is None and read.focal_length is None
    assert not read.has_smpl.any() and not read.has_transl.any()


def test_the_file_is_what_mmhuman3d_expects(tmp_path):
    save_human_data(tmp_path / 'a.npz', make())
    with np.load(tmp_path / 'a.npz', allow_pickle=True) as file:
        assert file['__keypoints_compressed__'].item() is True and file['__data_len__'].item() == 3
        assert file['bbox_xywh'].shape == (3, 5) and file['bbox_xywh'][:, 2] == pytest.approx(20)
        assert file['keypoints2d'].shape == (3, 17, 3) and file['keypoints2d_mask'].sum() == 17
        assert file['keypoints2d_mask'].shape == (190, ) and file['keypoints2d_convention'].item() == 'human_data'
        assert file['config'].item() == 'toy' and set(file['meta'].item()['gender']) == {'m'}
        smpl = file['smpl'].item()
        assert smpl['body_pose'].shape == (3, 23, 3) and smpl['global_orient'].shape == (3, 3)
    with zipfile.ZipFile(tmp_path / 'a.npz') as archive:  # NumPy 1, which mmhuman3d needs, knows no numpy._core
        assert all(b'numpy._core' not in archive.read(name) for name in archive.namelist())


def test_mmhuman3ds_own_files_are_read(tmp_path):
    points = np.zeros((2, 190, 3))
    where = HUMAN_DATA_JOINTS.index('left_hip_extra')
    points[:, where] = (5, 6, 1)
    mask = np.zeros(190)
    mask[where] = 1
    np.savez(tmp_path / 'a.npz', image_path=np.array(['a.jpg', 'b.jpg'], object), bbox_xywh=np.array([[1, 2, 3, 4.]] * 2),
             keypoints2d=points, keypoints2d_mask=mask, has_smpl=np.array([1, 0]), config='h36m',
             misc=dict(focal_length=1145.),
             smpl=dict(body_pose=np.ones((2, 69)), global_orient=np.ones((2, 3)), betas=np.ones((2, 10))),
             meta=dict(gender=['m', 'f']), cam_param=np.array([dict(K=np.eye(3))] * 2), __keypoints_compressed__=False)
    read = load_human_data(tmp_path / 'a.npz')
    assert read.bbox.tolist() == [[1, 2, 4, 6]] * 2 and read.scores is None and read.dataset == 'h36m'
    joint = get_skeleton('spin49').index('gt_left_hip')
    assert read.keypoints2d[0, joint].tolist() == [5, 6, 1] and (read.keypoints2d[..., 2] > 0).sum() == 2
    assert read.has_smpl.tolist() == [True, False] and read.body_pose.shape == (2, 23, 3)
    assert read.gender.tolist() == ['male', 'female'] and read.focal_length.tolist() == [1145, 1145]


def test_the_joints_are_mmhuman3ds():
    assert len(HUMAN_DATA_JOINTS) == len(set(HUMAN_DATA_JOINTS)) == 190
    places = {0: 'pelvis', 21: 'right_wrist', 55: 'nose', 60: 'left_bigtoe', 76: 'right_eyebrow_1', 143: 'left_contour_1',
              144: 'right_hip_extra', 153: 'nose_openpose', 178: 'spine_4_3dhp', 189: 'right_hand'}
    assert {i: HUMAN_DATA_JOINTS[i] for i in places} == places
    spin = [HUMAN_DATA_JOINTS[i] for i in human_data_joints('spin49')]
    assert spin[0] == 'nose_openpose' and spin[8] == 'pelvis_openpose' and spin[25] == 'right_ankle'
    assert spin[27] == 'right_hip_extra' and spin[37:45] == [
        'neck_extra', 'headtop', 'pelvis_extra', 'thorax_extra', 'spine_extra', 'jaw_extra', 'head_extra', 'nose']


@pytest.mark.parametrize('skeleton', sorted(set(list_skeletons()) - {'coco19', 'h36m18', 'jhmdb15'}))
def test_skeletons_keep_their_joints(skeleton):
    points = np.random.default_rng(0).random((2, len(get_skeleton(skeleton)), 4)).astype(np.float32)
    compressed, mask = to_human_data(points, skeleton)
    assert compressed.shape[1] == mask.sum() == points.shape[1]
    assert np.array_equal(from_human_data(compressed, mask, skeleton), points)
    full = np.zeros((2, 190, 4), np.float32)
    full[:, mask > 0] = compressed
    assert np.array_equal(from_human_data(full, mask, skeleton), points)


def test_joints_that_humandata_lacks_come_back_unknown():
    compressed, mask = to_human_data(np.ones((1, 15, 3), np.float32), 'jhmdb15')
    assert from_human_data(compressed, mask, 'jhmdb15')[0, :3, 2].tolist() == [1, 0, 0]


def test_heads_of_human36m_as_spin_and_as_mmhuman3d_place_them():
    ours = human_data_joints('h36m17')
    theirs = human_data_joints('h36m17', of_mmhuman3d=True)
    assert [HUMAN_DATA_JOINTS[i] for i in ours[8:11]] == ['neck_extra', 'jaw_extra', 'head_extra']
    assert [HUMAN_DATA_JOINTS[i] for i in theirs[8:11]] == ['neck_extra', 'head_extra', 'headtop']
    points = np.random.default_rng(0).random((1, 190, 3)).astype(np.float32)
    for places in (ours, theirs):
        mask = np.zeros(190)
        mask[places] = 1
        assert np.array_equal(from_human_data(points, mask, 'h36m17'), points[:, places])
    assert get_skeleton('h36m17').joint_names[8:11] == ('thorax', 'nose', 'head_top')


def test_a_translation_without_its_focal_length_says_nothing():
    assert make(focal_length=None).has_transl.tolist() == [False] * 3
    assert make(focal_length=[1., np.nan, 2.]).has_transl.tolist() == [True, False, True]


def test_rows_can_be_taken_and_put_together():
    data = make()
    part = data[np.array([2, 0])]
    assert part.image_path.tolist() == ['a/002.jpg', 'a/000.jpg'] and part.frame_id.tolist() == [2, 0]
    both = HumanData.concatenate([part, data[1:]])
    assert len(both) == 4 and both.keypoints2d_skeleton == 'coco17'
    np.testing.assert_array_equal(both.betas, data.betas[[2, 0, 1, 2]])
    with pytest.raises(ValueError, match='parts differ in keypoints3d'):
        HumanData.concatenate([data, make(keypoints3d=None, keypoints3d_skeleton=None)])
    with pytest.raises(ValueError, match='nothing to concatenate'):
        HumanData.concatenate([])


@pytest.mark.parametrize(('changes', 'message'), [
    (dict(betas=np.zeros((3, 11))), r'betas must have shape \(3, 10\) for 3 image paths, got \(3, 11\)'),
    (dict(keypoints2d=np.zeros((3, 19, 3))), r'keypoints2d must have shape \(3, 17, 3\)'),
    (dict(keypoints2d_skeleton=None), 'keypoints2d and keypoints2d_skeleton must be given together'),
    (dict(keypoints2d_skeleton='coco99'), "unknown skeleton 'coco99'"),
    (dict(gender=['male', 'man', 'x']), 'gender must be neutral, male, female, got male, man, x'),
    (dict(body_pose=None), 'global_orient and body_pose must be given together'),
    (dict(transl=None, has_transl=[True] * 3), 'has_transl is set, but there is no transl'),
    (dict(scores=np.zeros(2)), r'scores must have shape \(3,\)'),
])
def test_columns_that_do_not_fit_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        make(**changes)


def test_files_that_are_no_human_data_say_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.npz'):
        load_human_data(tmp_path / 'none.npz')
    np.savez(tmp_path / 'spin.npz', imgname=np.array(['a']), center=np.zeros((1, 2)))
    with pytest.raises(ValueError, match='spin.npz is not a HumanData file: it has no image_path, bbox_xywh, but imgname'):
        load_human_data(tmp_path / 'spin.npz')


@pytest.mark.parametrize(('arrays', 'message'), [
    (dict(keypoints2d=np.zeros((1, 17, 3))), 'keypoints2d has no keypoints2d_mask'),
    (dict(keypoints2d=np.zeros((1, 17, 3)), keypoints2d_mask=np.ones(190)), r'mask of shape \(190,\) that has 190 joints'),
    (dict(keypoints2d=np.zeros((1, 144, 3)), keypoints2d_mask=np.ones(144)), r'HumanData has 190 joints'),
    (dict(keypoints2d=np.zeros((1, 17, 3)), keypoints2d_mask=np.ones(17), keypoints2d_convention='coco'), 'convention coco'),
    (dict(smpl=np.ones(3)), 'smpl is not a dict'),
    (dict(smpl=dict(body_pose=np.ones((1, 63)), global_orient=np.ones((1, 3)))), 'cannot reshape'),
    (dict(bbox_xywh=np.ones((1, 3))), 'bbox_xywh must have shape'),
])
def test_arrays_that_do_not_fit_are_named_with_the_file(tmp_path, arrays, message):
    np.savez(tmp_path / 'a.npz', **{**dict(image_path=np.array(['a.jpg']), bbox_xywh=np.ones((1, 5))), **arrays})
    with pytest.raises(ValueError, match=f'a.npz: .*{message}'):
        load_human_data(tmp_path / 'a.npz')


class Evil:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path, )


def test_code_in_a_file_is_refused_and_does_not_run(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, dict(descr='|O', fortran_order=False, shape=()))
    save_human_data(tmp_path / 'a.npz', HumanData(image_path=['a.jpg'], bbox=[[0, 0, 2, 3]]))
    with zipfile.ZipFile(tmp_path / 'a.npz', 'a') as archive:
        archive.writestr('smpl.npy', header.getvalue() + pickle.dumps(np.array(dict(a=Evil(str(tmp_path / 'ran'))), object)))
    with pytest.raises(UnsafePickleError, match='reading smpl could run code'):
        load_human_data(tmp_path / 'a.npz')
    assert not (tmp_path / 'ran').exists()
