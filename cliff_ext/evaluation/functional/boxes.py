"""Overlap of boxes."""

from __future__ import annotations

import numpy as np


def box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union (N, M) of xyxy boxes (N, 4) and (M, 4)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(-1)
    area, other_area = ((b[:, 2:] - b[:, :2]).prod(-1) for b in (boxes, others))
    return inter / np.maximum(area[:, None] + other_area[None] - inter, 1e-9)


def box_recall(found: list[np.ndarray], truth: list[np.ndarray], threshold: float = 0.5) -> tuple[int, int]:
    """How many true boxes are found, one found box for one true box, and how many there are; lists over frames."""
    from scipy.optimize import linear_sum_assignment
    hits = 0
    for ours, true in zip(found, truth, strict=True):
        iou = box_iou(np.asarray(true).reshape(-1, 4), np.asarray(ours).reshape(-1, 4))
        rows, columns = linear_sum_assignment(-(iou >= threshold).astype(float) - 1e-3 * iou)
        hits += int((iou[rows, columns] >= threshold).sum())
    return hits, sum(len(t) for t in truth)
