import numpy as np
import pytest

from cliff_ext.structures import HumanTrack


def test_wrong_shape_says_which_field_and_what_was_wanted(make_track):
    with pytest.raises(ValueError, match=r'betas must have shape \(3, 10\), got \(3, 9\)'):
        make_track(betas=np.zeros((3, 9)))


def test_nan_says_which_frame(make_track):
    boxes = np.tile([0., 0., 1., 1.], (3, 1))
    boxes[1, 2] = np.nan
    with pytest.raises(ValueError, match='bboxes is NaN or infinite in frame 1'):
        make_track(bboxes=boxes)


def test_frames_must_rise(make_track):
    with pytest.raises(ValueError, match='2 follows 2'):
        make_track(frames=(0, 2, 2))


def test_keypoints_need_their_skeleton(make_track):
    with pytest.raises(ValueError, match='go together'):
        make_track(keypoints2d=np.zeros((3, 17, 3)))
    with pytest.raises(ValueError, match='coco17 has 17'):
        make_track(keypoints2d=np.zeros((3, 25, 3)), keypoints2d_skeleton='coco17')
    assert make_track(keypoints2d=np.zeros((3, 17, 3)), keypoints2d_skeleton='coco17').keypoints2d.shape == (3, 17, 3)


def test_slicing_by_rows_and_by_frames(make_track):
    track = make_track(frames=(2, 3, 7, 8))
    assert track[1:3].frame_ids.tolist() == [3, 7]
    assert track.at_frames(3, 8).frame_ids.tolist() == [3, 7]
    assert track.at_frames(3, 8).transl[:, 2].tolist() == [4., 5.]
    assert len(track.at_frames(100, 200)) == 0


def test_splitting_at_gaps_and_joining_again(make_track):
    track = make_track(frames=(0, 1, 4, 5, 9))
    pieces = track.split_at_gaps()
    assert [p.frame_ids.tolist() for p in pieces] == [[0, 1], [4, 5], [9]]
    assert [p.frame_ids.tolist() for p in track.split_at_gaps(max_gap=2)] == [[0, 1, 4, 5], [9]]
    joined = HumanTrack.concatenate([pieces[0], pieces[2], pieces[1]])
    assert np.array_equal(joined.frame_ids, track.frame_ids) and np.array_equal(joined.transl, track.transl)


def test_joining_refuses_overlap_and_unlike_fields(make_track):
    with pytest.raises(ValueError, match='must rise'):
        HumanTrack.concatenate([make_track((0, 1)), make_track((1, 2))])
    with pytest.raises(ValueError, match='only some of the tracks have betas'):
        HumanTrack.concatenate([make_track((0, 1)), make_track((5, 6), betas=None)])
    with pytest.raises(ValueError, match='at least one'):
        HumanTrack.concatenate([])


def test_replacing_leaves_the_input_alone(make_track):
    track = make_track()
    other = track.replace(transl=track.transl + 1)
    assert other.transl[0, 0] == 1 and track.transl[0, 0] == 0


def test_arrays_there_and_back(make_track):
    track = make_track(keypoints3d=np.ones((3, 24, 3)), keypoints3d_skeleton='smpl24')
    again = HumanTrack.from_arrays(track.to_arrays())
    assert again.track_id == track.track_id and again.image_size == (96, 64) and again.keypoints3d_skeleton == 'smpl24'
    assert np.array_equal(again.body_pose, track.body_pose) and again.transl is not None
