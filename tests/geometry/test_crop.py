import cv2
import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cliff_ext import geometry as g


def test_tall_box_keeps_its_height_and_wide_box_its_width():
    center, scale = g.bbox_to_center_scale(torch.tensor([[0., 0., 50., 200.], [0., 0., 150., 100.]]), padding=1.)
    assert center.tolist() == [[25., 100.], [75., 50.]]
    assert scale.tolist() == [1., 1.]


def test_crop_of_the_same_size_is_the_picture_itself():
    image = np.random.default_rng(0).integers(0, 256, (256, 192, 3), dtype=np.uint8)
    assert np.array_equal(g.crop_image(image, np.array([96., 128.]), 256 / 200), image.astype(np.float32))


def test_outside_the_picture_is_black():
    image = np.full((40, 30, 3), 200, np.uint8)
    crop = g.crop_image(image, np.array([0., 20.]), 40 / 200, (30, 40))
    assert (crop[:, :14] == 0).all() and (crop[:, 16:] == 200).all()
    assert (g.crop_image(image, np.array([900., 900.]), 0.2) == 0).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(-50, 150), st.floats(-50, 150), st.floats(0.05, 3))
def test_crop_always_has_the_asked_size_and_stays_in_range(x, y, scale):
    image = np.full((64, 100, 3), 255, np.uint8)
    crop = g.crop_image(image, np.array([x, y]), scale, (24, 32))
    assert crop.shape == (32, 24, 3) and crop.min() >= 0 and crop.max() <= 255.001


def test_huge_box_costs_no_memory():
    crop = g.crop_image(np.full((10, 10, 3), 9, np.uint8), np.array([5., 5.]), 5000.)
    assert crop.shape == (256, 192, 3)


def test_a_moved_crop_shows_the_turned_picture():
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    quarter = np.array([[0., -1, 0], [1, 0, 0], [0, 0, 1]])  # right becomes down: a clockwise picture
    crop = g.crop_moved_image(image, g.move_pixels(quarter, (40, 40)), np.array([20., 20.]), 40 / 200, (40, 40))
    assert np.array_equal(crop, np.rot90(image, -1).astype(np.float32))


def test_a_moved_crop_shows_the_mirrored_picture():
    image = np.random.default_rng(0).integers(0, 256, (30, 50, 3), dtype=np.uint8)
    move = g.move_pixels(np.diag([-1., 1, 1]), (50, 30))
    center, scale = np.array([20., 15.]), 20 / 200
    crop = g.crop_moved_image(image, move, center, scale, (16, 20))
    assert np.array_equal(crop, g.crop_image(image[:, ::-1], center, scale, (16, 20)))


@settings(max_examples=40, deadline=None)
@given(st.floats(5, 55), st.floats(5, 35), st.floats(0.05, 0.4), st.floats(-np.pi, np.pi), st.booleans())
def test_labels_lie_where_the_picture_shows_them(x, y, scale, angle, mirrored):
    """A picture whose red and green are its columns and rows, and the number of every second of its pixels."""
    rows, columns = np.mgrid[:40, :60]
    image = np.stack([columns * 4, rows * 4, np.full((40, 60), 255)], 2).astype(np.float32)
    numbers = (1 + rows[:20, :30] * 30 + columns[:20, :30]).astype(np.uint16)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    move = g.move_pixels(turn @ np.diag([-1. if mirrored else 1., 1, 1]), (60, 40))
    center = np.array([x, y])
    crop = g.crop_moved_image(image, move, center, scale, (24, 32))
    seen = g.crop_moved_labels(numbers, 2, move, center, scale, (24, 32)).astype(int)
    inside = (seen > 0) & (crop[..., 2] == 255)
    row, column = np.divmod(seen - 1, 30)
    off = np.stack([crop[..., 0] / 4 - 2 * column, crop[..., 1] / 4 - 2 * row], 2)[inside]
    assert np.abs(off).max(initial=0) < 1.1, 'of every second pixel, the nearest'
    outside = cv2.erode((crop[..., 2] == 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0  # OpenCV rounds at the edge
    assert (seen[outside] == 0).all(), 'nothing outside the picture'
