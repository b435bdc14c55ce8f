import numpy as np
import pytest
import torch

from cliff_ext.datasets.transforms import BoxToPatch, CropPatch, NoiseRectangle, PackPatchInputs, RandomPatchMove
from cliff_ext.geometry import patch_to_camera
from cliff_ext.structures import get_skeleton

SKELETON = get_skeleton('h36m18')
FOCAL, CENTER = np.array([300., 310.]), np.array([80., 60.])


def person(**more) -> dict:
    rng = np.random.default_rng(0)
    joints = rng.normal(0, 0.3, (18, 3)) + [0, 0, 4.]
    pixels = joints[:, :2] / joints[:, 2:] * FOCAL + CENTER
    return dict(img=rng.integers(0, 256, (120, 160, 3), dtype=np.uint8), bbox=np.array([20., 0., 140., 120.]),
                skeleton='h36m18', keypoints2d=pixels, keypoints_visible=np.ones(18), keypoints3d=joints,
                root3d=joints[0], root2d=pixels[0], root_visible=1., has_depth=True, focal_length=FOCAL,
                principal_point=CENTER, image_size=(160, 120), image_id=3, img_path='a/b.png', root_depth=joints[0, 2],
                **more)


def test_patch_joints_lead_back_to_the_camera():
    made = CropPatch((64, 64))(person())
    points = torch.from_numpy(made['keypoints_patch'])[None]
    points[..., 2] += made['root_depth']
    place = (torch.from_numpy(value)[None] for value in (made['bbox'], FOCAL, CENTER))
    assert np.allclose(patch_to_camera(points, *place)[1][0], made['keypoints3d'], atol=1e-4)
    assert made['crop'].shape == (64, 64, 3) and made['keypoints_visible'].all()
    assert np.allclose(made['root_patch'], [*made['keypoints_patch'][0, :2], made['root_depth']])


def test_a_mirrored_patch_shows_the_mirrored_picture_and_swaps_sides():
    plain, mirrored = CropPatch((64, 64))(person()), CropPatch((64, 64))(person(patch_flip=True))
    left, right = SKELETON.index('left_knee'), SKELETON.index('right_knee')
    swapped = mirrored['keypoints_patch'][right]
    assert np.allclose(swapped[1:], plain['keypoints_patch'][left, 1:], atol=1e-5)
    step = 1 / 120  # the picture is mirrored between the middles of its first and last pixel
    assert swapped[0] == pytest.approx(1 - plain['keypoints_patch'][left, 0], abs=2 * step)
    again = CropPatch((64, 64))(person(patch_flip=True) | dict(
        img=person()['img'][:, ::-1].copy(), bbox=np.array([159. - 140, 0, 159. - 20, 120])))
    assert np.allclose(again['crop'], plain['crop'], atol=1)


def test_a_turned_and_scaled_patch_keeps_pixels_and_joints_together():
    data = person(patch_angle=30., patch_scale=1.2)
    x, y = data['keypoints2d'][5].round().astype(int)
    data['img'][:] = 0
    data['img'][y - 1:y + 2, x - 1:x + 2] = 255
    data['keypoints2d'][5] = x, y
    made = CropPatch((64, 64))(data)
    u, v = (made['keypoints_patch'][5, :2] * 64).round().astype(int)
    assert made['crop'][v, u, 0] > 150


def test_joints_out_of_the_patch_or_of_the_depth_range_are_not_visible():
    data = person()
    data['keypoints3d'][4, 2] = data['root3d'][2] + 1.1
    data['keypoints2d'][6] = 150, 50
    made = CropPatch((64, 64))(data)
    assert np.flatnonzero(~made['keypoints_visible']).tolist() == [4, 6]
    data = person()
    data['root2d'] = np.array([5., 5.])
    assert not CropPatch((64, 64))(data)['root_visible']


def test_unknown_depths_become_zero_and_stay_visible():
    data = person()
    data['keypoints3d'][:], data['root3d'] = np.nan, np.full(3, np.nan)
    made = CropPatch((64, 64))(data)
    assert not made['keypoints_patch'][:, 2].any() and made['keypoints_visible'].all() and made['root_patch'][2] == 0


def test_without_annotation_only_the_patch_is_cut_and_packed():
    data = {key: value for key, value in person().items() if not key.startswith(('keypoints', 'root'))}
    packed = PackPatchInputs()(CropPatch((64, 48))(data))
    assert packed['inputs'].shape == (3, 48, 64) and 'gt_instances' not in packed['data_samples']
    assert packed['data_samples'].metainfo['image_id'] == 3 and 'root_depth' not in packed['data_samples'].metainfo


def test_packing_gives_one_instance():
    sample = PackPatchInputs()(CropPatch((64, 64))(person()))['data_samples']
    truth = sample.gt_instances
    assert len(truth) == 1 and truth.keypoints3d.shape == (1, 18, 3) and truth.has_depth.tolist() == [1]
    assert truth.keypoints_visible.dtype == torch.float32 and sample.metainfo['root_depth'] == pytest.approx(4, abs=1)


def test_drawn_moves_keep_their_bounds():
    np.random.seed(0)
    drawn = [RandomPatchMove(scale=0.25, angle=30., angle_prob=0.6)({}) for _ in range(400)]
    scales, angles = (np.array([d[key] for d in drawn]) for key in ('patch_scale', 'patch_angle'))
    assert scales.min() == 0.75 and scales.max() == 1.25 and np.abs(angles).max() <= 60
    assert 0.3 < (angles == 0).mean() < 0.5 and 0.4 < np.mean([d['patch_flip'] for d in drawn]) < 0.6


def test_noise_stays_in_the_patch_and_leaves_the_given_image_alone():
    np.random.seed(0)
    shares = []
    for _ in range(30):
        data = person()
        data['bbox'] = np.array([-20., 10., 90., 120.])
        before = data['img']
        copy = before.copy()
        after = NoiseRectangle(prob=1.)(data)['img']
        changed = (after != copy).any(-1)
        assert np.array_equal(before, copy) and not changed[:, 90:].any() and not changed[:10].any()
        shares.append(changed.mean())
    assert max(shares) > 0.1
    assert NoiseRectangle(prob=0.)(dict(img=copy))['img'] is copy


def test_a_detected_box_becomes_a_patch_with_a_camera():
    image = np.zeros((300, 400, 3), np.uint8)
    made = BoxToPatch()(dict(img=image, bbox=[100, 100, 201, 151], focal_length=None))
    assert made['bbox'].tolist() == [87.5, 62.5, 212.5, 187.5] and made['image_size'] == (400, 300)
    assert made['focal_length'].tolist() == [500, 500] and made['principal_point'].tolist() == [200, 150]
    given = BoxToPatch()(dict(img=image, bbox=[100, 100, 201, 151], focal_length=700., principal_point=np.array([1., 2.])))
    assert given['focal_length'].tolist() == [700, 700] and given['principal_point'].tolist() == [1, 2]
    tall = BoxToPatch(padding=1.1, aspect_ratio=0.75)(dict(img=image, bbox=[100, 100, 201, 151], focal_length=None))
    np.testing.assert_allclose(tall['bbox'], [95, 125 - 110 / 1.5, 205, 125 + 110 / 1.5])
    for box in ([500, 10, 600, 20], [10, 10, 10, 50], [0, 0, np.nan, 5]):
        with pytest.raises(ValueError, match='outside the image of 400 x 300'):
            BoxToPatch()(dict(img=image, bbox=box))
