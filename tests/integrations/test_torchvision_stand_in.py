"""The one class of torchvision that mmpose uses."""

import numpy as np
import pytest
import torch

from cliff_ext.integrations.torchvision_stand_in import ToPILImage


def test_float_tensors_are_scaled_to_bytes():
    picture = ToPILImage()(torch.tensor([[[0., 1.]], [[0.5, 0.]], [[0., 0.25]]]))
    assert picture.mode == 'RGB' and picture.size == (2, 1)
    assert np.asarray(picture).tolist() == [[[0, 127, 0], [255, 0, 63]]]


@pytest.mark.parametrize('shape', [(1, 3, 4), (3, 4)])
def test_one_channel_becomes_a_grey_picture(shape):
    picture = ToPILImage()(torch.full(shape, 7, dtype=torch.uint8))
    assert picture.mode == 'L' and picture.size == (4, 3)


def test_arrays_are_taken_as_height_width_channels():
    assert ToPILImage()(np.zeros((3, 5, 3), np.uint8)).size == (5, 3)


def test_what_it_cannot_do_it_says():
    with pytest.raises(ValueError, match='1 or 3 channels'):
        ToPILImage()(np.zeros((3, 5, 2), np.uint8))
    with pytest.raises(TypeError, match='uint8'):
        ToPILImage()(np.zeros((3, 5, 3), np.float32))
