import numpy as np
import pytest

from cliff_ext.tracks.smplify.windows import TrackWriter, Window, cut_windows, stack_windows


def spans(windows) -> list[tuple[int, int]]:
    return [(window.start, window.stop) for window in windows]


def test_windows_cover_a_track_and_share_frames(moving):
    track = moving(range(20))
    seen = np.ones(20, bool)
    assert spans(cut_windows(track, 0, seen, 8, 2)) == [(0, 8), (6, 14), (12, 20)]
    assert spans(cut_windows(track, 0, seen, 64, 16)) == [(0, 20)]
    assert spans(cut_windows(track[:9], 0, seen[:9], 8, 0)) == [(0, 8), (1, 9)]


def test_no_window_reaches_across_a_gap_or_holds_nothing(moving):
    track = moving([0, 1, 2, 7, 8, 9])
    assert spans(cut_windows(track, 0, np.ones(6, bool), 8, 2)) == [(0, 3), (3, 6)]
    assert spans(cut_windows(track, 0, np.array([1, 0, 0, 0, 0, 0], bool), 8, 2)) == [(0, 3)]
    assert spans(cut_windows(track, 0, np.array([0, 1, 0, 0, 1, 0], bool), 1, 0)) == [(1, 2), (4, 5)]


def test_pixels_are_scaled_together(moving):
    track = moving(range(4))
    points = track.keypoints2d
    batch = stack_windows([Window(0, 0, 2), Window(0, 2, 4)], [track], [points], [track.betas], 50.)
    factor = 50. / 100  # boxes are 100 pixels high
    assert np.allclose(batch.keypoints[1, 0, :, :2], factor * points[2, :, :2])
    assert np.allclose(batch.keypoints[..., 2], points[0, 0, 2])
    assert np.allclose(batch.focal_length, factor * 500) and np.allclose(batch.principal_point, [160., 120.])
    assert batch.betas.shape == (2, 1, 10) and batch.body_pose.shape == (2, 2, 69)
    assert np.array_equal(points, track.keypoints2d)


def test_without_boxes_the_keypoints_tell_the_size(moving):
    track = moving(range(2), bboxes=np.zeros((2, 4)))
    points = np.zeros((2, 3, 3), np.float32)
    points[:, :, 1], points[:, :2, 2] = [0., 25., 900.], 1
    batch = stack_windows([Window(0, 0, 2)], [track], [points], [track.betas], 50.)
    assert batch.keypoints[0, 0, 1, 1] == 50.


def test_overlaps_fade_into_each_other(moving):
    track = moving(range(6))
    writer = TrackWriter(track)
    for start, value in ((0, 1.), (2, 2.)):
        rows = slice(start, start + 4)
        writer.add(Window(0, start, start + 4), dict(
            global_orient=track.global_orient[rows], body_pose=track.body_pose[rows], betas=track.betas[rows],
            transl=np.full((4, 3), value)))
    found = writer.result()
    assert found.transl[:, 0] == pytest.approx([1, 1, 4 / 3, 5 / 3, 2, 2])
    assert np.allclose(found.body_pose, track.body_pose, atol=1e-5)


def test_what_no_window_covers_stays(moving):
    track = moving(range(3))
    assert TrackWriter(track).result() is track
