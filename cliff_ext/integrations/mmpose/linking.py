"""Who is who from frame to frame, where mmpose's results do not say: by the overlap of boxes that move on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

NEWS = 0.2
"""Share of a box's last step in the velocity that is expected of it."""


@dataclass
class Sighting:
    """Where somebody was seen last: frame, box (4,) xyxy, and velocity of its centre (2,), pixels a frame."""

    frame: int
    box: np.ndarray
    velocity: np.ndarray

    def at(self, frame: int) -> np.ndarray:
        """The box (4,) where it is expected in a later frame."""
        return self.box + np.tile(self.velocity, 2) * (frame - self.frame)

    def moved(self, frame: int, box: np.ndarray) -> Sighting:
        """The next sighting."""
        step = (box[:2] + box[2:] - self.box[:2] - self.box[2:]) / 2 / (frame - self.frame)
        return Sighting(frame, box, (1 - NEWS) * self.velocity + NEWS * step)


class BoxLinker:
    """Gives boxes the identity of the boxes that they overlap best, all of a frame at once.

    Boxes are expected to move on steadily, so people who cross keep their identities mostly. ``JoinTracks`` in the track
    pipeline mends what breaks here; where that is not enough, ``cliff_ext.apis.HumanMeshInferencer`` takes mmdet's trackers.

    Args:
        iou_thr: Least overlap, intersection over union.
        memory: Frames for which somebody unseen is remembered.

    Raises:
        ValueError: A limit that allows nothing or everything.
    """

    def __init__(self, iou_thr: float = 0.3, memory: int = 10) -> None:
        if not 0 < iou_thr < 1 or memory < 0:
            raise ValueError(f'BoxLinker needs 0 < iou_thr < 1 and memory >= 0, got {iou_thr} and {memory}')
        self.iou_thr = iou_thr
        self.memory = memory
        self.count = 0
        self.last: dict[int, Sighting] = {}

    def __call__(self, frame: int, boxes: np.ndarray) -> list[int]:
        """Identities of a frame's boxes (N, 4) xyxy; frames come in rising order."""
        self.last = {who: seen for who, seen in self.last.items() if frame - seen.frame <= self.memory + 1}
        known = list(self.last)
        overlaps = box_overlaps(boxes, np.array([self.last[who].at(frame) for who in known]).reshape(-1, 4))
        ids = [-1] * len(boxes)
        for row, column in zip(*linear_sum_assignment(-overlaps), strict=True):
            if overlaps[row, column] >= self.iou_thr:
                ids[row] = known[column]
        return [self._seen(frame, box, who) for box, who in zip(boxes, ids, strict=True)]

    def _seen(self, frame: int, box: np.ndarray, who: int) -> int:
        """Notes a box, of somebody new if ``who`` is -1; returns whose it is."""
        if who >= 0:
            self.last[who] = self.last[who].moved(frame, box)
            return who
        self.last[self.count] = Sighting(frame, box, np.zeros(2))
        self.count += 1
        return self.count - 1


def box_overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (N, 4) and (M, 4) xyxy: (N, M)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    areas = [(box[:, 2:] - box[:, :2]).prod(-1) for box in (boxes, others)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)
