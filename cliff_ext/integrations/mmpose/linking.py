"""Who is who from frame to frame, where mmpose's results do not say: by the overlap of boxes."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment


class BoxLinker:
    """Gives boxes the identity of the boxes that they overlap best, all of a frame at once.

    For detections that come and go or people that cross, a tracker is better (``cliff_ext.apis.HumanMeshInferencer`` takes
    any of mmdet's); ``JoinTracks`` in the track pipeline mends what breaks here.

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
        self.last: dict[int, tuple[int, np.ndarray]] = {}

    def __call__(self, frame: int, boxes: np.ndarray) -> list[int]:
        """Identities of a frame's boxes (N, 4) xyxy; frames come in rising order."""
        self.last = {who: seen for who, seen in self.last.items() if frame - seen[0] <= self.memory + 1}
        known = list(self.last)
        overlaps = box_overlaps(boxes, np.array([self.last[who][1] for who in known]).reshape(-1, 4))
        ids = [-1] * len(boxes)
        for row, column in zip(*linear_sum_assignment(-overlaps), strict=True):
            if overlaps[row, column] >= self.iou_thr:
                ids[row] = known[column]
        for row, who in enumerate(ids):
            if who < 0:
                ids[row] = self.count
                self.count += 1
            self.last[ids[row]] = frame, boxes[row]
        return ids


def box_overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (N, 4) and (M, 4) xyxy: (N, M)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    areas = [(box[:, 2:] - box[:, :2]).prod(-1) for box in (boxes, others)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)
