"""Which found track follows which true one, and how often that changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from cliff_ext.structures import HumanTrack

from .boxes import box_iou


@dataclass
class TrackingReport:
    """Result of :func:`match_tracks`.

    Attributes:
        pairs: (true person, its row, found person, its row) of each match.
        coverage: Share of true rows matched, for each true person.
        switches: How often a true person's found identity changed.
        false_rows: Found rows that match nobody.
    """

    pairs: np.ndarray
    coverage: dict[int, float]
    switches: int
    false_rows: int


def match_tracks(found: Sequence[HumanTrack], truth: Sequence[HumanTrack], threshold: float = 0.5) -> TrackingReport:
    """Matches boxes frame by frame at an overlap of at least ``threshold``.

    A match of the frame before goes on while its overlap suffices, the rest are matched anew, as CLEAR MOT does
    [Bernardin and Stiefelhagen 2008].
    """
    pairs: list[tuple[int, int, int, int]] = []
    frames = sorted({int(f) for track in truth for f in track.frame_ids})
    follows: dict[int, int] = {}
    for frame in frames:
        true_rows, found_rows = _rows(truth, frame), _rows(found, frame)
        if not true_rows or not found_rows:
            continue
        iou = box_iou(*(np.stack([tracks[p].bboxes[r] for p, r in rows])
                        for tracks, rows in ((truth, true_rows), (found, found_rows))))
        for i, (person, _) in enumerate(true_rows):
            for j, (track, _) in enumerate(found_rows):
                if follows.get(person) == track and iou[i, j] >= threshold:
                    iou[i, j] += 10
        for i, j in zip(*linear_sum_assignment(-iou), strict=True):
            if iou[i, j] >= threshold:
                pairs.append((*true_rows[i], *found_rows[j]))
                follows[true_rows[i][0]] = found_rows[j][0]
    matched = np.array(pairs, np.int64).reshape(-1, 4)
    switches = sum(int((np.diff(matched[matched[:, 0] == p, 2]) != 0).sum()) for p in range(len(truth)))
    coverage = {track.track_id: float((matched[:, 0] == p).sum() / max(len(track), 1)) for p, track in enumerate(truth)}
    return TrackingReport(matched, coverage, switches, sum(len(t) for t in found) - len(matched))


def _rows(tracks: Sequence[HumanTrack], frame: int) -> list[tuple[int, int]]:
    found = []
    for person, track in enumerate(tracks):
        row = int(np.searchsorted(track.frame_ids, frame))
        if row < len(track) and track.frame_ids[row] == frame:
            found.append((person, row))
    return found
