import cv2
import numpy as np
import pytest

from cliff_ext.datasets import AbsolutePoseDataset, HumanDataPoseLayout
from cliff_ext.io import HumanData, save_human_data

PIPELINE = [dict(type='LoadHumanImage'), dict(type='CropPatch', output_size=(32, 32)), dict(type='PackPatchInputs')]
SIZE, FOCAL = np.array([80, 60]), 90.


def people(count: int = 2, **changes) -> HumanData:
    """People of h36m17 before a camera; the second one's last joint is not known."""
    rng = np.random.default_rng(0)
    joints = rng.uniform(-0.5, 0.5, (count, 17, 3)) + [0, 0, 5.]
    points = joints[..., :2] / joints[..., 2:] * FOCAL + SIZE / 2
    sure = np.ones((count, 17, 1))
    sure[1:, 16] = 0
    columns = dict(
        image_path=['a.png'] * count, bbox=np.tile([20., 10., 60., 50.], (count, 1)), dataset='made',
        keypoints2d=np.concatenate([points, sure], 2), keypoints2d_skeleton='h36m17',
        keypoints3d=np.concatenate([joints, sure], 2), keypoints3d_skeleton='h36m17',
        focal_length=np.full(count, FOCAL), image_size=np.tile(SIZE, (count, 1)))
    return HumanData(**{**columns, **changes})


@pytest.fixture
def layout(tmp_path):

    def make(data: HumanData, **options) -> dict:
        save_human_data(tmp_path / 'people.npz', data)
        cv2.imwrite(str(tmp_path / 'a.png'), np.full((60, 80, 3), 90, np.uint8))
        return dict(type='HumanDataPoseLayout', file=str(tmp_path / 'people.npz'), image_root=str(tmp_path), **options)

    return make


def test_joints_of_a_patch_are_where_the_camera_sees_them(layout):
    data = people()
    dataset = AbsolutePoseDataset(layout(data), PIPELINE)
    assert dataset.metainfo['skeleton'] == 'h36m17' and len(dataset) == 2
    item = dataset[1]['data_samples']
    truth, box = item.gt_instances, item.bbox
    seen = truth.keypoints_patch[0, :16, :2].numpy() * (box[2:] - box[:2]) + box[:2]
    assert np.allclose(seen, data.keypoints2d[1, :16, :2] - 0.5, atol=0.05)
    assert np.allclose(truth.keypoints_patch[0, :16, 2], data.keypoints3d[1, :16, 2] - data.keypoints3d[1, 0, 2], atol=1e-3)
    assert np.allclose(truth.root3d[0], data.keypoints3d[1, 0, :3], atol=1e-3) and item.focal_length.tolist() == [FOCAL] * 2
    assert truth.keypoints_visible[0].bool().tolist() == [True] * 16 + [False] and truth.has_depth == 1


def test_patches_have_the_shape_and_padding_that_are_asked_for(layout):
    dataset = AbsolutePoseDataset(layout(people()), PIPELINE, padding=1.1, aspect_ratio=0.75)
    low, high = np.split(np.asarray(dataset[0]['data_samples'].bbox), 2)
    np.testing.assert_allclose(high - low, [39 * 1.1, 52 * 1.1])
    np.testing.assert_allclose((low + high) / 2, [39.5, 29.5])


def test_joints_seen_from_a_root_are_refused(layout):
    data = people()
    data.keypoints3d[..., :3] -= data.keypoints3d[:, :1, :3] - [0, 0, 1.]
    with pytest.raises(ValueError, match='keypoints3d must be in the camera'):
        HumanDataPoseLayout(**without_type(layout(data))).load()


def test_what_is_missing_is_named(layout):
    unknown = people()
    unknown.focal_length[1] = np.nan
    with pytest.raises(ValueError, match='no focal_length of all people'):
        HumanDataPoseLayout(**without_type(layout(unknown))).load()
    with pytest.raises(ValueError, match='no keypoints3d'):
        HumanDataPoseLayout(**without_type(layout(people(keypoints3d=None, keypoints3d_skeleton=None)))).load()
    nobody = people()
    nobody.keypoints2d[..., 2] = 0
    with pytest.raises(ValueError, match='none is known'):
        HumanDataPoseLayout(**without_type(layout(nobody))).load()
    with pytest.raises(ValueError, match='no joint .pelvis'):
        HumanDataPoseLayout(**without_type(layout(people(), skeleton='coco17'))).load()


def without_type(config: dict) -> dict:
    return {key: value for key, value in config.items() if key != 'type'}
