import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.datasets.transforms import (
    ColorNoise,
    ExtremeCrop,
    FullFrameCrop,
    LoadHumanImage,
    PackHumanInputs,
    PasteOccluder,
    RandomBoxScale,
    RandomFrameFlip,
    RandomFrameRotate,
)
from cliff_ext.io import MediaError
from cliff_ext.registry import TRANSFORMS
from cliff_ext.structures import HumanTruth, get_skeleton

SIZE = (320, 240)
NAMES = get_skeleton('spin49').joint_names


def person(points: dict[str, tuple[float, float]]) -> HumanTruth:
    """Someone of whom only some keypoints are known."""
    keypoints = np.zeros((49, 3))
    for name, (x, y) in points.items():
        keypoints[NAMES.index(name)] = (x, y, 1)
    return HumanTruth(keypoints, np.zeros((49, 4)), np.eye(3), np.tile(np.eye(3), (23, 1, 1)), np.zeros(10), np.zeros(3),
                      has_smpl=False, has_betas=False, has_transl=False)


def scene() -> dict:
    """Two soft dots on black, red on the left wrist and blue on the right one, and a box around them."""
    wrists = dict(left_wrist=(190.5, 90.5), right_wrist=(140.5, 150.5))
    image = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    rows, columns = np.mgrid[:SIZE[1], :SIZE[0]] + 0.5
    for channel, (x, y) in zip((2, 0), wrists.values(), strict=True):
        image[..., channel] = 255 * np.exp(-((columns - x)**2 + (rows - y)**2) / 18)
    return dict(img=np.round(image).astype(np.uint8), image_size=SIZE, bbox=np.array([110., 70., 220., 170.]),
                human=person(wrists))


def middle_of(crop: np.ndarray, channel: int) -> np.ndarray:
    weights = crop[..., channel].astype(np.float64)
    rows, columns = np.mgrid[:crop.shape[0], :crop.shape[1]] + 0.5
    return np.array([(weights * columns).sum(), (weights * rows).sum()]) / weights.sum()


@given(st.integers(0, 10**6), st.floats(0, 180), st.sampled_from([0., 1.]), st.sampled_from([0., 1.]))
def test_the_picture_moves_with_the_keypoints(seed, angle, flip, rotate):
    np.random.seed(seed)
    results = scene()
    for transform in (RandomFrameFlip(flip), RandomFrameRotate(angle, rotate), RandomBoxScale(0.25, 0.1), FullFrameCrop()):
        results = transform(results)
    crop, box = results['crop'], 200 * results['scale']
    keypoints = results['human'].keypoints2d
    for channel, was in ((2, 'left_wrist'), (0, 'right_wrist')):
        now = was if not flip else {'left_wrist': 'right_wrist', 'right_wrist': 'left_wrist'}[was]
        in_crop = (keypoints[NAMES.index(now), :2] - results['center']) / box * 256 + [96, 128]
        if (in_crop > 12).all() and (in_crop < [180, 244]).all():
            np.testing.assert_allclose(middle_of(crop, channel), in_crop, atol=1.5)


def test_turning_and_mirroring_by_nothing_leaves_the_test_crop():
    plain, moved = scene(), scene() | dict(move=np.eye(3))
    np.testing.assert_allclose(FullFrameCrop()(moved)['crop'], FullFrameCrop()(plain)['crop'], atol=6)


def test_a_mirrored_box_lies_on_the_other_side():
    results = RandomFrameFlip(1.)(dict(image_size=SIZE, bbox=[10, 20, 50, 90]))
    assert results['bbox'].tolist() == [270, 20, 310, 90]
    assert RandomFrameFlip(0.)(dict(bbox=[1, 2, 3, 4])) == dict(bbox=[1, 2, 3, 4])


def test_a_turned_box_keeps_its_size_and_its_distance_from_the_middle():
    np.random.seed(0)
    results = RandomFrameRotate(30., 1.)(dict(image_size=SIZE, bbox=[10., 20, 50, 90]))
    box = results['bbox']
    np.testing.assert_allclose(box[2:] - box[:2], [40, 70])
    before, after = np.array([30, 55]) - [160, 120], (box[:2] + box[2:]) / 2 - [160, 120]
    assert np.linalg.norm(after) == pytest.approx(np.linalg.norm(before))
    angle = np.rad2deg(np.arccos(before @ after / (before @ before)))
    assert 0 < angle <= 30


def test_box_scale_stays_in_its_range_and_keeps_the_middle():
    sizes = []
    for _ in range(200):
        box = RandomBoxScale(0.25)(dict(bbox=[10, 20, 30, 60]))['bbox']
        np.testing.assert_allclose(box[:2] + box[2:], [40, 80])
        sizes.append((box[2] - box[0]) / 20)
        assert (box[3] - box[1]) / 40 == pytest.approx(sizes[-1])
    assert 0.75 <= min(sizes) < 0.8 and 1.2 < max(sizes) <= 1.25
    with pytest.raises(ValueError, match=r'scale must lie in \[0, 1\), got 1'):
        RandomBoxScale(1.)


BODY = dict(nose=(100, 10), gt_head_top=(100, 0), neck=(100, 30), left_shoulder=(115, 30), right_shoulder=(85, 30),
            left_hip=(110, 80), right_hip=(90, 80), left_knee=(110, 120), right_knee=(90, 120), left_ankle=(110, 160),
            right_ankle=(90, 160))


@pytest.mark.parametrize(('part', 'top', 'bottom'), [('head_and_shoulders', 0, 30), ('upper_body', 0, 80),
                                                     ('to_knees', 0, 120), ('lower_body', 80, 160)])
def test_an_extreme_crop_holds_a_part_of_the_body(part, top, bottom):
    results = ExtremeCrop(1., [part], margin=1.)(dict(bbox=[80, -5, 120, 170], human=person(BODY)))
    assert results['bbox'][[1, 3]].tolist() == [top, bottom]


def test_an_extreme_crop_needs_known_joints():
    few = {name: BODY[name] for name in ('nose', 'neck', 'left_shoulder')}
    assert ExtremeCrop(1.)(dict(bbox=[0, 0, 9, 9], human=person(few)))['bbox'] == [0, 0, 9, 9]
    point = dict.fromkeys(BODY, (5, 5))
    assert ExtremeCrop(1.)(dict(bbox=[0, 0, 9, 9], human=person(point)))['bbox'] == [0, 0, 9, 9]
    with pytest.raises(ValueError, match="parts must be some of .*, got .'arms'"):
        ExtremeCrop(parts=['arms'])


def test_color_noise_scales_channels_and_stays_in_range():
    crop = np.full((4, 4, 3), 200, np.float32)
    noisy = ColorNoise(0.4)(dict(crop=crop))['crop']
    assert noisy.dtype == np.float32 and noisy.max() <= 255 and (crop == 200).all()
    assert (noisy == noisy[0, 0]).all() and len(np.unique(noisy[0, 0])) > 1 and noisy.min() >= 120


def test_occlusion_hides_a_part_and_not_all():
    np.random.seed(0)
    hidden = []
    for textured in (0., 1.):
        for _ in range(30):
            crop = np.full((64, 48, 3), 300, np.float32)
            results = PasteOccluder(1., textured=textured)(dict(crop=crop, img=np.zeros((20, 30, 3), np.uint8)))
            assert results['crop'].dtype == np.float32 and results['crop'].shape == crop.shape and (crop == 300).all()
            hidden.append((results['crop'] < 300).all(-1).mean())
    assert 0.02 < np.mean(hidden) < 0.3 and max(hidden) < 0.6
    assert PasteOccluder(0.)(dict(crop=crop, img=None))['crop'] is crop


def test_images_are_read_and_their_problems_named(tmp_path):
    path = tmp_path / 'ü.png'
    path.write_bytes(cv2.imencode('.png', np.full((6, 8, 3), 9, np.uint8))[1].tobytes())
    results = LoadHumanImage()(dict(img_path=str(path), image_size=(8., 6.)))
    assert results['img'].shape == (6, 8, 3) and results['image_size'] == (8, 6)
    with pytest.raises(MediaError, match='has 8 x 6 pixels, its annotation says 6 x 8'):
        LoadHumanImage()(dict(img_path=str(path), image_size=(6., 8.)))
    with pytest.raises(MediaError, match='no such image'):
        LoadHumanImage()(dict(img_path=str(tmp_path / 'none.png')))


def test_packing_keeps_what_is_known_of_the_origin():
    results = FullFrameCrop((24, 32))(scene() | dict(sample_id='a.jpg#0', dataset='toy', gender='male', action='Walking'))
    packed = PackHumanInputs()(results)
    sample = packed['data_samples']
    assert sample.sample_id == 'a.jpg#0' and sample.gender == 'male' and sample.action == 'Walking'
    assert 'sequence' not in sample
    assert torch.equal(sample.gt_instances.keypoints2d[0], torch.from_numpy(results['human'].keypoints2d).float())
    without = {name: value for name, value in results.items() if name != 'human'}
    assert 'gt_instances' not in PackHumanInputs()(without)['data_samples']


def test_transforms_build_from_configs():
    for name in ('LoadHumanImage', 'RandomFrameFlip', 'RandomFrameRotate', 'RandomBoxScale', 'ExtremeCrop', 'ColorNoise',
                 'PasteOccluder'):
        assert callable(TRANSFORMS.build(dict(type=name)))
