import numpy as np
import pytest

from cliff_ext.tracks import Infill, JoinTracks, TrackPipeline


def box_walk(moving, frames, track_id, start=20., speed=2., betas=0., height=100.):
    t = np.array(list(frames))
    left = start + speed * t
    boxes = np.stack([left, np.full(len(t), 10.), left + 0.4 * height, np.full(len(t), 10. + height)], 1)
    return moving(frames, track_id, bboxes=boxes, betas=np.full((len(t), 10), betas))


def test_two_pieces_of_one_person_become_one_and_can_be_filled(moving):
    pieces = [box_walk(moving, range(20), 3), box_walk(moving, range(30, 50), 8)]
    joined = JoinTracks().apply(pieces)
    assert [(t.track_id, len(t)) for t in joined] == [(3, 40)]
    whole = TrackPipeline([JoinTracks(), Infill(30)])(pieces)[0]
    assert whole.frame_ids.tolist() == list(range(50)) and whole.filled.sum() == 10
    assert np.allclose(whole.bboxes[25], [70, 10, 110, 110], atol=1e-3)


def test_pieces_chain_and_crossing_people_are_told_apart_by_motion_and_shape(moving):
    left = [box_walk(moving, frames, i, 0., 4., 1.) for i, frames in enumerate((range(20), range(26, 40), range(45, 60)))]
    right = [box_walk(moving, frames, 10 + i, 180., -4., -1.) for i, frames in enumerate((range(20), range(28, 60)))]
    joined = JoinTracks().apply([left[0], right[0], left[1], right[1], left[2]])
    assert [(t.track_id, len(t)) for t in joined] == [(0, 49), (10, 52)]
    assert (np.diff(joined[0].bboxes[:, 0]) > 0).all() and (np.diff(joined[1].bboxes[:, 0]) < 0).all()


@pytest.mark.parametrize('other', [
    dict(frames=range(200, 220)), dict(frames=range(15, 40)), dict(frames=range(30, 50), start=300.),
    dict(frames=range(30, 50), betas=3.), dict(frames=range(30, 50), height=200.)],
    ids=['too late', 'at the same time', 'elsewhere', 'another body', 'another size'])
def test_others_stay_apart(moving, other):
    frames = other.pop('frames')
    pieces = [box_walk(moving, range(20), 0), box_walk(moving, frames, 1, **other)]
    assert [len(t) for t in JoinTracks().apply(pieces)] == [20, len(frames)]


def test_no_boxes_unlike_fields_nobody_and_one_frame(moving):
    pieces = [moving(range(5), 0), moving(range(6, 9), 1)]
    empty = [p.replace(bboxes=np.zeros((len(p), 4))) for p in pieces]
    assert len(JoinTracks().apply(empty)) == 2
    assert len(JoinTracks().apply([pieces[0], pieces[1].replace(betas=None)])) == 2
    assert JoinTracks().apply([]) == [] and JoinTracks()(pieces[0]) is pieces[0]
    assert len(JoinTracks().apply([moving([0], 0), moving([1], 1)])) == 1
    with pytest.raises(ValueError, match='max_resize > 1'):
        JoinTracks(max_resize=1.)
