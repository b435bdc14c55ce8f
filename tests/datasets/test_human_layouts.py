import numpy as np
import pytest
import torch

from cliff_ext.datasets import BedlamLayout, CliffLayout, HumanDataLayout, SpinLayout
from cliff_ext.datasets.transforms import FullFrameCrop
from cliff_ext.io import HumanData, UnsafePickleError, save_human_data
from cliff_ext.structures import get_skeleton

COUNT = 3
RNG = np.random.default_rng(0)
PLACE = dict(imgname=np.array(['a/1.jpg', 'a/2.jpg', 'b/1.jpg']), center=RNG.uniform(100, 300, (COUNT, 2)),
             scale=RNG.uniform(0.5, 2, COUNT))
SPIN = dict(PLACE, part=RNG.random((COUNT, 24, 3)), openpose=RNG.random((COUNT, 25, 3)), S=RNG.random((COUNT, 24, 4)),
            pose=RNG.normal(0, 1, (COUNT, 72)), shape=RNG.normal(0, 1, (COUNT, 10)), has_smpl=np.array([1, 0, 1]))
CLIFF = dict(PLACE, part=SPIN['part'], S=SPIN['S'], pose=SPIN['pose'], shape=SPIN['shape'], has_smpl=np.ones(COUNT, int),
             global_t=RNG.normal(0, 1, (COUNT, 3)), focal_l=np.array([700., 800., 900.]), annot_id=np.arange(COUNT))
BEDLAM = dict(PLACE, pose_cam=SPIN['pose'], shape=RNG.normal(0, 1, (COUNT, 11)), trans_cam=np.ones((COUNT, 3)),
              cam_ext=np.tile(np.eye(4) + 2 * np.eye(4, k=3), (COUNT, 1, 1)), gender=np.array(['male', 'female', 'neutral']),
              cam_int=np.tile([[900., 0, 640], [0, 902., 360], [0, 0, 1]], (COUNT, 1, 1)), gtkps=RNG.random((COUNT, 45, 2)),
              proj_verts=np.zeros((COUNT, 437, 2)))


@pytest.fixture
def write(tmp_path):
    def save(arrays: dict, without: tuple[str, ...] = (), **changes) -> str:
        path = tmp_path / 'data.npz'
        np.savez(path, **{name: value for name, value in {**arrays, **changes}.items() if name not in without})
        return str(path)

    return save


def test_spin_files_give_both_kinds_of_keypoints_and_smpl_where_known(write):
    people = SpinLayout(write(SPIN), 'mpi_inf_3dhp').load()
    np.testing.assert_allclose(people.keypoints2d[:, :25], SPIN['openpose'], rtol=1e-6)
    np.testing.assert_allclose(people.keypoints2d[:, 25:], SPIN['part'], rtol=1e-6)
    np.testing.assert_allclose(people.keypoints3d[:, 25:], SPIN['S'], rtol=1e-6)
    assert not people.keypoints3d[:, :25].any() and people.dataset == 'mpi_inf_3dhp'
    np.testing.assert_allclose(people.body_pose.reshape(COUNT, -1), SPIN['pose'][:, 3:], rtol=1e-6)
    assert people.has_smpl.tolist() == people.has_betas.tolist() == [True, False, True] and not people.has_transl.any()


def test_spin_files_need_no_more_than_places(write):
    people = SpinLayout(write(PLACE), 'lsp').load()
    assert len(people) == COUNT and people.keypoints2d is None and not people.has_smpl.any()


def test_a_box_gives_the_crop_that_center_and_scale_describe(write):
    people = SpinLayout(write(SPIN), 'coco').load()
    image = np.zeros((400, 400, 3), np.uint8)
    for size in ((192, 256), (96, 128), (224, 224)):
        for i in range(COUNT):
            crop = FullFrameCrop(size)(dict(img=image, bbox=people.bbox[i]))
            np.testing.assert_allclose(crop['center'], PLACE['center'][i], rtol=1e-5)
            assert crop['scale'] == pytest.approx(PLACE['scale'][i], rel=1e-4)


def test_cliff_files_say_where_the_body_stands_in_the_full_camera(write):
    people = CliffLayout(write(CLIFF), 'coco').load()
    np.testing.assert_allclose(people.transl, CLIFF['global_t'], rtol=1e-6)
    assert people.focal_length.tolist() == [700, 800, 900] and people.has_transl.all() and people.has_smpl.all()
    joint = get_skeleton('spin49').index('gt_pelvis')
    np.testing.assert_allclose(people.keypoints3d[:, joint], CLIFF['S'][:, 14], rtol=1e-6)


def test_bedlam_files_have_the_camera_and_smpls_joints(write):
    people = BedlamLayout(write(BEDLAM)).load()
    assert people.focal_length.tolist() == [901] * COUNT and people.image_size.tolist() == [[1280, 720]] * COUNT
    assert people.transl.tolist() == [[3, 1, 1]] * COUNT and people.has_transl.all()
    assert people.betas.shape == (COUNT, 10) and people.gender.tolist() == ['male', 'female', 'neutral']
    names = get_skeleton('spin49').joint_names
    np.testing.assert_allclose(people.keypoints2d[:, names.index('gt_left_knee'), :2], BEDLAM['gtkps'][:, 4], rtol=1e-6)
    np.testing.assert_allclose(people.keypoints2d[:, names.index('left_heel'), :2], BEDLAM['gtkps'][:, 31], rtol=1e-6)
    assert people.sequence.tolist() == ['a', 'a', 'b']
    unknown = [name for name, point in zip(names, people.keypoints2d[0], strict=True) if not point[2]]
    assert unknown == [f'gt_{name}' for name in ('right_hip', 'left_hip', 'neck', 'head_top', 'pelvis', 'thorax', 'spine',
                                                 'jaw', 'head')]


def test_human_data_files_come_in_spin49(tmp_path):
    points = np.ones((1, 17, 3), np.float32)
    data = HumanData(['a.jpg'], [[0, 0, 4, 4]], keypoints2d=points, keypoints2d_skeleton='coco17')
    save_human_data(tmp_path / 'a.npz', data)
    people = HumanDataLayout(tmp_path / 'a.npz').load()
    assert people.keypoints2d_skeleton == 'spin49' and people.keypoints2d[0, :, 2].sum() == 17


@pytest.mark.parametrize(('layout', 'arrays', 'broken', 'message'), [
    (SpinLayout, SPIN, dict(part=np.zeros((COUNT, 19, 3))), r'part must have shape \(3, 24, 3\), got \(3, 19, 3\)'),
    (SpinLayout, SPIN, dict(S=np.zeros((COUNT, 17, 4))), r'S must have shape \(3, 24, 4\)'),
    (SpinLayout, SPIN, dict(pose=np.zeros((COUNT, 66))), r'pose must have shape \(3, 72\)'),
    (SpinLayout, SPIN, dict(gender=np.array(['m', 'f', '?'])), 'gender must be neutral, male, female'),
    (SpinLayout, SPIN, dict(scale=np.ones(2)), r'scale must have shape \(3,\), got \(2,\)'),
    (CliffLayout, CLIFF, dict(global_t=np.zeros((COUNT, 2))), r'transl must have shape \(3, 3\)'),
    (BedlamLayout, BEDLAM, dict(gtkps=np.zeros((COUNT, 17, 2))), r'gtkps must have shape \(3, 45, 2\)'),
    (BedlamLayout, BEDLAM, dict(cam_int=np.eye(3)), r'cam_int must have shape \(3, 3, 3\)'),
])
def test_arrays_of_other_shapes_are_named_with_their_file(write, layout, arrays, broken, message):
    with pytest.raises(ValueError, match=f'data.npz: .*{message}'):
        layout(write(arrays, **broken), 'x').load()


def test_missing_arrays_are_named(write):
    with pytest.raises(ValueError, match='data.npz has no global_t, focal_l; of the arrays that CliffLayout reads it'):
        CliffLayout(write(SPIN), 'coco').load()
    with pytest.raises(FileNotFoundError, match='none.npz'):
        SpinLayout('none.npz', 'x').load()


def test_object_arrays_are_read_where_they_are_plain_and_refused_where_they_could_run_code(write):
    names = np.array(['a.jpg', 'b.jpg', 'c.jpg'], object)
    assert SpinLayout(write(SPIN, imgname=names), 'x').load().image_path.tolist() == names.tolist()
    with pytest.raises(UnsafePickleError, match='reading imgname could run code'):
        SpinLayout(write(SPIN, imgname=np.array([torch.nn.Identity()] * 3, object)), 'x').load()
