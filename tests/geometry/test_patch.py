import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given

from cliff_ext.geometry import (
    crop_patch,
    mirror_bbox,
    move_points,
    patch_affine,
    patch_bbox,
    patch_to_camera,
    root_depth_factor,
)

pixel = st.floats(-200, 800, allow_nan=False)
length = st.floats(1.5, 600)


@given(pixel, pixel, length, length)
def test_patches_are_square_hold_the_visible_box_and_are_padded(x, y, width, height):
    patch = patch_bbox([x, y, x + width, y + height], (640, 480))
    if x >= 639 or y >= 479:
        assert patch is None
        return
    low = np.maximum([x, y], 0)
    high = np.minimum(low + [width - 1, height - 1], [639, 479])
    size = patch[2:] - patch[:2]
    assert size[0] == pytest.approx(size[1]) and size[0] == pytest.approx(1.25 * (high - low).max(), abs=1e-6)
    assert np.allclose((patch[:2] + patch[2:]) / 2, (low + high) / 2)


@pytest.mark.parametrize('box', [
    (10, 10, 10, 60), (20, 20, 10, 60), (700, 10, 750, 60), (0, 0, np.nan, 5), (5, 5, np.inf, 9)])
def test_boxes_without_area_outside_or_not_finite_have_no_patch(box):
    assert patch_bbox(box, (640, 480)) is None


def test_a_box_of_another_shape_is_named():
    with pytest.raises(ValueError, match=r'shape \(4,\)'):
        patch_bbox([1, 2, 3], (640, 480))


@given(st.floats(-60, 60), st.floats(0.75, 1.25))
def test_the_boxs_middle_stays_and_its_corners_turn(angle, scale):
    affine = patch_affine(np.array([100., 50., 300., 250.]), (256, 256), scale, angle)
    middle, right = move_points(affine, np.array([[200., 150.], [300., 150.]]))
    assert np.allclose(middle, 128, atol=1e-3)
    offset = right - middle
    assert np.hypot(*offset) == pytest.approx(128 / scale, rel=1e-4)
    assert np.rad2deg(np.arctan2(offset[1], offset[0])) == pytest.approx(-angle, abs=1e-2)


def test_the_patch_shows_what_the_map_says_and_is_black_outside_the_image():
    image = np.zeros((100, 120, 3), np.uint8)
    image[40:44, 60:64] = 255
    affine = patch_affine(np.array([-20., 0., 80., 100.]), (50, 50))
    patch = crop_patch(image, affine, (50, 50))
    x, y = move_points(affine, np.array([[61.5, 41.5]]))[0]
    assert patch.dtype == np.float32 and patch[round(y), round(x), 0] > 200
    assert not patch[:, :9].any()


def test_a_box_is_mirrored_with_the_pixels():
    assert mirror_bbox(np.array([10., 5., 30., 50.]), 100).tolist() == [69, 5, 89, 50]


def test_patch_points_return_to_the_camera():
    focal, center = torch.tensor([[1000., 1000.]]), torch.tensor([[320., 240.]])
    bbox = torch.tensor([[220., 140., 420., 340.]])
    pixels, points = patch_to_camera(torch.tensor([[[0.5, 0.5, 4.], [1., 0.5, 2.]]]), bbox, focal, center)
    assert pixels.tolist() == [[[320, 240], [420, 240]]]
    assert torch.allclose(points, torch.tensor([[[0., 0., 4.], [0.2, 0., 2.]]]))


def test_who_fills_half_the_box_is_twice_as_far():
    focal = torch.tensor([[1500., 1500.]] * 2)
    factor = root_depth_factor(torch.tensor([[0., 0., 400., 400.], [0., 0., 200., 200.]]), focal, 2.)
    assert factor.tolist() == pytest.approx([7.5, 15.])
