"""People who were hardly seen are left out."""

import numpy as np
import pytest

from cliff_ext.tracks import DropBrief, TrackPipeline


def test_those_seen_often_enough_stay_in_order(make_track):
    tracks = [make_track(range(9), 1), make_track((3, 4), 2), make_track((0, 4, 9), 3)]
    assert [track.track_id for track in DropBrief(3).apply(tracks)] == [1, 3]
    assert DropBrief(3).apply([]) == []


def test_frames_that_were_filled_in_do_not_count(make_track):
    track = make_track(range(6), filled=np.array([False, True, True, True, True, False]))
    assert TrackPipeline([dict(type='DropBrief', min_frames=3)])([track]) == []
    assert len(TrackPipeline([dict(type='DropBrief', min_frames=2)])([track])) == 1


def test_a_limit_that_means_nothing_is_refused():
    with pytest.raises(ValueError, match='min_frames must be at least 1, got 0'):
        DropBrief(0)
