import cv2
import numpy as np
import pytest

from cliff_ext.io import MediaError, open_source


@pytest.fixture
def folder(tmp_path):
    for i in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f'{i}.png'), np.full((8, 10, 3), i, np.uint8))
    return tmp_path


def test_folder_is_read_in_the_order_of_its_numbers(folder):
    frames = list(open_source(folder))
    assert [name for _, name, _ in frames] == ['1.png', '2.png', '10.png']
    assert [int(image[0, 0, 0]) for *_, image in frames] == [1, 2, 10]


def test_glob_and_single_image(folder):
    assert open_source(f'{folder}/1*.png').num_frames == 2
    source = open_source(folder / '2.png')
    assert source.num_frames == 1 and not source.is_video and source.fps is None


def test_video_counts_frames(make_clip):
    source = open_source(make_clip(frames=4))
    assert source.is_video and [index for index, *_ in source] == [0, 1, 2, 3]


def test_an_unreadable_image_is_skipped_and_named(folder):
    (folder / '2.png').write_text('no picture')
    source = open_source(folder)
    assert [index for index, *_ in source] == [0, 2]
    assert '2.png is not a readable image' in source.problems[0]


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(MediaError, match='no images in this folder'):
        open_source(tmp_path)
    with pytest.raises(MediaError, match='no image matches'):
        open_source(f'{tmp_path}/*.jpg')
    with pytest.raises(MediaError, match='no such file'):
        open_source(tmp_path / 'none.mp4')
    (tmp_path / 'a.png').write_bytes(b'')
    with pytest.raises(MediaError, match='none of the 1 images'):
        list(open_source(tmp_path))
