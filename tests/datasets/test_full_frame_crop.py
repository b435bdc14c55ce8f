import numpy as np
import pytest

from cliff_ext.datasets.transforms import FullFrameCrop, PackHumanInputs


def test_crop_remembers_its_place_and_guesses_the_focal_length():
    image = np.zeros((300, 400, 3), np.uint8)
    image[100:200, 150:200] = 255
    results = FullFrameCrop()(dict(img=image, bbox=[150, 100, 200, 200]))
    assert results['crop'].shape == (256, 192, 3)
    assert results['center'].tolist() == [175., 150.] and results['scale'] == pytest.approx(0.55)
    assert results['image_size'] == (400, 300) and results['focal_length'] == 500.
    assert results['crop'][128, 96, 0] == 255 and results['crop'][2, 2, 0] == 0
    packed = PackHumanInputs()(results)
    assert packed['inputs'].shape == (3, 256, 192) and packed['data_samples'].metainfo['focal_length'] == 500.


def test_a_known_focal_length_is_kept():
    assert FullFrameCrop()(dict(img=np.zeros((8, 8, 3), np.uint8), bbox=[0, 0, 4, 4], focal_length=9.))['focal_length'] == 9.


@pytest.mark.parametrize('bbox', [[0, 0, np.nan, 5], [5, 5, 5, 9], [9, 0, 3, 4], [0, 0, 1]])
def test_bad_boxes_are_named(bbox):
    with pytest.raises(ValueError, match='bbox must be four finite numbers'):
        FullFrameCrop()(dict(img=np.zeros((8, 8, 3), np.uint8), bbox=bbox))
