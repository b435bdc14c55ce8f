"""``mmcv._ext`` in torch, for mmcv without its compiled operators: ``nms`` and ``softnms``; all else says what to do."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

BLOCK = 256


def _iou(boxes: Tensor, others: Tensor, offset: float) -> Tensor:
    """Pairwise intersection over union of xyxy boxes (N, 4) and (M, 4) -> (N, M)."""
    x1, y1, x2, y2 = boxes[:, :, None].unbind(1)
    u1, v1, u2, v2 = others.T[:, None, :].unbind(0)
    width = (torch.minimum(x2, u2) - torch.maximum(x1, u1)).add_(offset).clamp_(min=0)
    inter = (torch.minimum(y2, v2) - torch.maximum(y1, v1)).add_(offset).clamp_(min=0).mul_(width)
    area = (x2 - x1 + offset) * (y2 - y1 + offset)
    other_area = (u2 - u1 + offset) * (v2 - v1 + offset)
    return inter / (area + other_area).sub(inter)


def _suppress_within(overlaps: Tensor) -> Tensor:
    """Greedy choice inside one block from its upper-triangular (B, B) overlap mask -> kept (B,) bool.

    A box is kept exactly if no kept box before it overlaps it. Iterating that statement from "all kept" settles at least
    one more box a round and in practice everything within a few rounds.
    """
    kept = torch.ones(len(overlaps), dtype=torch.bool, device=overlaps.device)
    while True:
        update = ~(overlaps & kept[:, None]).any(0)
        if torch.equal(update, kept):
            return kept
        kept = update


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int = 0) -> Tensor:
    """Greedy non-maximum suppression, block by block.

    Args:
        boxes: (N, 4) xyxy pixels.
        scores: (N,).
        iou_threshold: Boxes that overlap a better one by more than this are dropped.
        offset: 0 or 1, added to widths and heights, as in mmcv.

    Returns:
        (M,) int64 indices of the kept boxes, best score first.
    """
    order = scores.argsort(descending=True, stable=True)
    ranked = boxes[order].float()
    alive = torch.ones(len(order), dtype=torch.bool, device=boxes.device)
    for start in range(0, len(order), BLOCK):
        members = start + alive[start:start + BLOCK].nonzero().flatten()
        block = ranked[members]
        kept = _suppress_within((_iou(block, block, offset) > iou_threshold).triu_(1))
        alive[members[~kept]] = False
        rest = start + BLOCK + alive[start + BLOCK:].nonzero().flatten()
        if len(rest):
            hit = (_iou(block[kept], ranked[rest], offset) > iou_threshold).any(0)
            alive[rest[hit]] = False
    return order[alive]


def softnms(boxes: Tensor, scores: Tensor, dets: Tensor, iou_threshold: float, sigma: float, min_score: float,
            method: int, offset: int) -> Tensor:
    """Soft-NMS [Bodla et al., ICCV 2017]; fills ``dets`` (N, 5) in place as mmcv's operator does.

    Args:
        boxes: (N, 4) xyxy pixels.
        scores: (N,).
        dets: (N, 5), receives box and decayed score of each kept box, best first.
        iou_threshold: Overlap from which the hard and linear methods act.
        sigma: Width of the Gaussian method.
        min_score: Boxes whose score decays below this are dropped.
        method: 0 hard, 1 linear, 2 Gaussian.
        offset: 0 or 1, added to widths and heights.

    Returns:
        (M,) int64 indices of the kept boxes.
    """
    scores = scores.clone()
    indices = torch.arange(len(scores))
    kept: list[int] = []
    while len(indices):
        best = int(scores[indices].argmax())
        current = indices[best]
        dets[len(kept), :4] = boxes[current]
        dets[len(kept), 4] = scores[current]
        kept.append(int(current))
        indices = torch.cat([indices[:best], indices[best + 1:]])
        overlap = _iou(boxes[current][None].float(), boxes[indices].float(), offset)[0]
        decay = {
            0: (overlap < iou_threshold).float(),
            1: torch.where(overlap >= iou_threshold, 1 - overlap, torch.ones_like(overlap)),
            2: torch.exp(-overlap**2 / sigma),
        }[method]
        scores[indices] *= decay
        indices = indices[scores[indices] >= min_score]
    return torch.tensor(kept, dtype=torch.int64)


def fill(module: ModuleType) -> None:
    """Gives ``mmcv._ext`` its two working operators and a clear error for every other one."""
    module.nms = nms
    module.softnms = softnms

    def missing(name: str) -> Callable[..., Any]:
        if name.startswith('__'):
            raise AttributeError(name)

        def operator(*args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError(f'mmcv operator "{name}" needs the compiled mmcv, and this one (mmcv-lite) has none. '
                                      'Install it with `pip install mmcv` for your torch; cliff_ext brings nms and '
                                      'softnms only.')

        operator.__name__ = name
        return operator

    module.__getattr__ = missing
