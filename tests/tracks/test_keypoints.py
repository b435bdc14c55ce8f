import numpy as np

from cliff_ext.io import KeypointFile
from cliff_ext.tracks import attach_keypoints


def people(*corners: tuple[float, float], size: float = 40.) -> np.ndarray:
    """OpenPose people (N, 25, 3) whose keypoints fill squares with the given upper left corners."""
    grid = np.linspace(0, size, 5)
    square = np.stack([*(axis.ravel() for axis in np.meshgrid(grid, grid)), np.ones(25)], 1)
    return np.stack([square + [x, y, 0] for x, y in corners]).astype(np.float32)


def boxes(frames: int, x: float) -> np.ndarray:
    return np.tile([x, 0., x + 40, 40.], (frames, 1))


def test_people_go_to_the_box_they_fill(make_track):
    tracks = [make_track(track_id=i, bboxes=boxes(3, x)) for i, x in ((0, 0), (1, 50))]
    found = KeypointFile('openpose25', {0: people((52, 0), (2, 0)), 2: people((0, 1))})
    (left, right), notes = attach_keypoints(tracks, found)
    assert left.keypoints2d[0, 0, 0] == 2 and right.keypoints2d[0, 0, 0] == 52
    assert left.keypoints2d[2, 0, 1] == 1 and not right.keypoints2d[2].any()
    assert not left.keypoints2d[1].any() and left.keypoints2d_skeleton == 'openpose25' and not notes
    assert tracks[0].keypoints2d is None


def test_the_best_total_overlap_wins(make_track):
    tracks = [make_track([0], track_id=i, bboxes=boxes(1, x)) for i, x in ((0, 0), (1, 15))]
    (left, right), _ = attach_keypoints(tracks, KeypointFile('openpose25', {0: people((14, 0), (-12, 0))}))
    assert left.keypoints2d[0, 0, 0] == -12 and right.keypoints2d[0, 0, 0] == 14


def test_identities_of_the_file_decide(make_track):
    tracks = [make_track([0], track_id=i, bboxes=boxes(1, x)) for i, x in ((0, 0), (1, 50))]
    found = KeypointFile('openpose25', {0: people((0, 0), (50, 0))}, {0: np.array([1, 0])})
    (left, right), _ = attach_keypoints(tracks, found)
    assert left.keypoints2d[0, 0, 0] == 50 and right.keypoints2d[0, 0, 0] == 0


def test_strangers_and_people_without_keypoints_are_named(make_track):
    (track, ), notes = attach_keypoints([make_track([0], track_id=4, bboxes=boxes(1, 0))],
                                        KeypointFile('openpose25', {0: people((300, 300))}))
    assert not track.keypoints2d.any()
    assert len(notes) == 2 and 'HumanTrack 4' in notes[0] and notes[1].startswith('1 people')


def test_one_person_in_a_file_without_boxes(make_track):
    (track, ), _ = attach_keypoints([make_track([0], bboxes=np.zeros((1, 4)))],
                                    KeypointFile('openpose25', {0: people((300, 300))}))
    assert track.keypoints2d[0, 0, 0] == 300


def test_keypoints_of_another_picture_size(make_track):
    tracks = [make_track([0], track_id=4, bboxes=boxes(1, 0)),
              make_track([0], track_id=5, bboxes=boxes(1, 50), image_size=(1920, 1080))]
    (other, same), notes = attach_keypoints(tracks, KeypointFile('openpose25', {0: people((0, 0), (50, 0))},
                                                                 image_size=(1920, 1080)))
    assert not other.keypoints2d.any() and same.keypoints2d[0, 0, 0] == 50
    assert any('1920x1080 pixels' in note and 'HumanTrack 4' in note and '96x64' in note for note in notes)
    assert not any('HumanTrack 5' in note for note in notes)
