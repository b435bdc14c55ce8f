"""Keypoints of a file onto the tracks of the people they show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from cliff_ext.io import KeypointFile
from cliff_ext.structures import HumanTrack, get_skeleton

LEAST_OVERLAP = 0.1
"""Intersection over union of a person's box and the box around their keypoints; below, they are not the same person."""


def attach_keypoints(tracks: Sequence[HumanTrack], found: KeypointFile) -> tuple[list[HumanTrack], list[str]]:
    """Tracks with ``keypoints2d``; frames for which the file has none get confidence 0.

    Where the file gives identities they decide; else, frame by frame, people are matched to boxes so that the overlap is
    largest in total. Tracks of pictures of another size get none.

    Returns:
        The tracks, and what a user should know, in words.
    """
    count = len(get_skeleton(found.skeleton))
    points = [np.zeros((len(track), count, 3), np.float32) for track in tracks]
    rows = [{int(frame): row for row, frame in enumerate(track.frame_ids)} for track in tracks]
    alike = [track.image_size is None or found.image_size in (None, tuple(track.image_size)) for track in tracks]
    strangers = 0
    for frame, people in found.frames.items():
        here = [i for i in range(len(tracks)) if alike[i] and frame in rows[i]]
        if found.ids is not None:
            pairs = [(i, n) for i in here for n in np.flatnonzero(found.ids[frame] == tracks[i].track_id).tolist()]
        else:
            pairs = _match([tracks[i].bboxes[rows[i][frame]] for i in here], people, here)
        for i, n in pairs:
            points[i][rows[i][frame]] = people[n]
        strangers += len(people) - len(pairs)
    notes = [f'{track} has no keypoints in any frame' for track, own in zip(tracks, points, strict=True)
             if not own[..., 2].any()]
    notes += [f'the keypoints are of pictures of {found.image_size[0]}x{found.image_size[1]} pixels, {track} of '
              f'{track.image_size[0]}x{track.image_size[1]}; scale the keypoints to the video first'
              for track, same in zip(tracks, alike, strict=True) if not same]
    if strangers:
        notes.append(f'{strangers} people of the keypoints lie on no track and were left out')
    return [track.replace(keypoints2d=own, keypoints2d_skeleton=found.skeleton)
            for track, own in zip(tracks, points, strict=True)], notes


def _match(boxes: Sequence[np.ndarray], people: np.ndarray, names: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of a track's number and a row of ``people``, at most one each."""
    if not len(boxes) or not len(people):
        return []
    if len(boxes) == len(people) == 1 and not np.ptp(boxes[0]):  # a file without boxes
        return [(names[0], 0)]
    overlap = np.array([[_overlap(box, person) for person in people] for box in boxes])
    return [(names[i], int(n)) for i, n in zip(*linear_sum_assignment(-overlap), strict=True)
            if overlap[i, n] >= LEAST_OVERLAP]


def _overlap(box: np.ndarray, keypoints: np.ndarray) -> float:
    """Intersection over union of a box (4,) and the box around the keypoints (K, 3) that were seen."""
    seen = keypoints[keypoints[:, 2] > 0, :2]
    if len(seen) < 2:
        return 0.
    low, high = seen.min(0), seen.max(0)
    shared = np.prod(np.clip(np.minimum(high, box[2:]) - np.maximum(low, box[:2]), 0, None))
    return float(shared / max(np.prod(high - low) + np.prod(box[2:] - box[:2]) - shared, 1e-9))
