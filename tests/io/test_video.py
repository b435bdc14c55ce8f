import av
import numpy as np
import pytest

from cliff_ext.io import MediaError, VideoReader, VideoWriter


def test_written_video_is_h264_and_reads_back(make_clip):
    path = make_clip(frames=7)
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == 'h264'
        assert container.streams.video[0].codec_context.pix_fmt == 'yuv420p'
    reader = VideoReader(path)
    frames = list(reader)
    assert (reader.width, reader.height, reader.fps, reader.num_frames) == (96, 64, 25., 7)
    assert len(frames) == 7 and frames[0].shape == (64, 96, 3) and frames[0].dtype == np.uint8
    assert abs(frames[0][32, 90].astype(int) - [239, 239, 15]).max() < 25
    assert len(list(reader)) == 7 and not reader.problems


def test_odd_sides_are_padded(tmp_path):
    with VideoWriter(tmp_path / 'odd.mp4', 30) as writer:
        writer.write(np.zeros((31, 33, 3), np.uint8))
    assert next(iter(VideoReader(tmp_path / 'odd.mp4'))).shape == (32, 34, 3)


def test_an_error_leaves_no_file_behind(tmp_path):
    with pytest.raises(RuntimeError, match='boom'), VideoWriter(tmp_path / 'a.mp4', 25) as writer:
        writer.write(np.zeros((16, 16, 3), np.uint8))
        raise RuntimeError('boom')
    assert not list(tmp_path.iterdir())


def test_no_frames_or_bad_frames_are_refused(tmp_path):
    with pytest.raises(MediaError, match='no frame was written'), VideoWriter(tmp_path / 'a.mp4', 25):
        pass
    with pytest.raises(ValueError, match='uint8'), VideoWriter(tmp_path / 'a.mp4', 25) as writer:
        writer.write(np.zeros((16, 16, 3)))
    with pytest.raises(ValueError, match='frame 1 is 32x16'), VideoWriter(tmp_path / 'a.mp4', 25) as writer:
        writer.write(np.zeros((16, 16, 3), np.uint8))
        writer.write(np.zeros((16, 32, 3), np.uint8))
    assert not list(tmp_path.iterdir())


def test_what_is_no_video_says_so(tmp_path):
    (tmp_path / 'a.mp4').write_text('hello')
    with pytest.raises(MediaError, match='not a video'):
        VideoReader(tmp_path / 'a.mp4')
    (tmp_path / 'b.mp4').write_bytes(b'')
    with pytest.raises(MediaError, match='not a video'):
        VideoReader(tmp_path / 'b.mp4')
    with pytest.raises(MediaError, match='no such file'):
        VideoReader(tmp_path / 'c.mp4')


def test_a_truncated_video_gives_what_it_has_and_a_warning(make_clip):
    path = make_clip(frames=200, size=(320, 240))
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    reader = VideoReader(path)
    frames = list(reader)
    assert 0 < len(frames) < 200
    assert f'breaks off: {len(frames)} of about 200' in reader.problems[0]
