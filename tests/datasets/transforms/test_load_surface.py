"""Which points of a body a crop shows: read, cut and mirrored with the picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from cliff_ext.datasets.transforms import FullFrameCrop, LoadSurface, PackHumanInputs, RandomFrameFlip
from cliff_ext.io import MediaError


@pytest.fixture
def picture(tmp_path) -> dict:
    """40 x 60 pixels with a bright left half; the map holds person 1's vertices, and one of person 0."""
    for folder in ('images/a', 'surface/a'):
        (tmp_path / folder).mkdir(parents=True)
    rows, columns = np.mgrid[:30, :20]
    surface = (1 + 6890 + rows * 20 + columns).astype(np.uint16)
    surface[12, 7] = 5
    surface[0] = 0
    cv2.imwrite(str(tmp_path / 'surface/a/3.png'), surface)
    image = np.zeros((60, 40, 3), np.uint8)
    image[:, :20] = 255
    return dict(img_path=str(tmp_path / 'images/a/3.jpg'), img=image, image_size=(40, 60), person=1,
                bbox=np.array([0., 0, 40, 60]))


def test_each_person_gets_its_own_vertices(picture):
    first, second = (LoadSurface()({**picture, 'person': i})['surface'] for i in range(2))
    assert np.argwhere(first).tolist() == [[12, 7]] and first.max() == 5 and first.dtype == np.uint16
    assert (second[0] == 0).all() and second[12, 7] == 0 and second[12, 8] == 1 + 12 * 20 + 8


@pytest.mark.parametrize('mirrored', [False, True])
def test_the_crop_keeps_the_surface_on_the_picture(picture, mirrored):
    results = LoadSurface()(picture)
    results = RandomFrameFlip(prob=float(mirrored))(results)
    packed = PackHumanInputs()(FullFrameCrop((48, 64), padding=1.)(results))
    surface = packed['data_samples'].gt_surface
    assert surface.vertex.shape == (1, 32, 24) and surface.mirrored == mirrored
    seen = surface.vertex[0].numpy().astype(int)
    bright = packed['inputs'][0, ::2, ::2].numpy() > 128
    left = (seen - 1) % 20 < 10  # of the picture as it was
    known = seen > 0
    assert known.sum() > 500
    assert (left[known] == bright[known]).mean() > 0.97


def test_without_it_nothing_is_packed(picture):
    assert 'gt_surface' not in PackHumanInputs()(FullFrameCrop((48, 64))(picture))['data_samples']


def test_what_is_no_such_map_is_said(picture, tmp_path):
    with pytest.raises(MediaError, match='no folder .images. in it'):
        LoadSurface()({**picture, 'img_path': str(tmp_path / 'pictures/3.jpg')})
    with pytest.raises(MediaError, match=r'surface/a/4\.png: no such map .*generate\.py'):
        LoadSurface()({**picture, 'img_path': str(tmp_path / 'images/a/4.jpg')})
    for wrong in (np.zeros((30, 20), np.uint8), np.zeros((60, 40), np.uint16)):
        cv2.imwrite(str(tmp_path / 'surface/a/3.png'), wrong)
        with pytest.raises(MediaError, match='not a grey 16 bit PNG of 20 x 30 pixels'):
            LoadSurface()(picture)
    (Path(tmp_path) / 'surface/a/3.png').write_bytes(b'no png')
    with pytest.raises(MediaError, match='not a grey 16 bit PNG'):
        LoadSurface()(picture)
