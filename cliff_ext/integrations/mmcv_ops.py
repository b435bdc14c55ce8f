"""``mmcv._ext`` in torch, for mmcv without compiled operators: NMS and RoI align; all else says what to do."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .roi_align import roi_align_backward, roi_align_forward

FIRST_BLOCK, LAST_BLOCK, CUDA_BLOCK = 32, 256, 1024
NOT_COMPILED = 'not compiled (torch fallback of cliff_ext)'


def _columns(boxes: Tensor, offset: float) -> Tensor:
    """Boxes (N, 4) xyxy -> (5, N) x1, y1, x2, y2, area."""
    x1, y1, x2, y2 = boxes.unbind(1)
    return torch.stack([x1, y1, x2, y2, (x2 - x1 + offset) * (y2 - y1 + offset)])


def _iou(boxes: Tensor, others: Tensor, offset: float) -> Tensor:
    """Pairwise intersection over union of columns (5, N) and (5, M) -> (N, M)."""
    x1, y1, x2, y2, area = boxes[:, :, None]
    u1, v1, u2, v2, other_area = others[:, None]
    width = torch.minimum(x2, u2).sub_(torch.maximum(x1, u1)).add_(offset).clamp_(min=0)
    height = torch.minimum(y2, v2).sub_(torch.maximum(y1, v1)).add_(offset).clamp_(min=0)
    inter = width.mul_(height)
    return inter / (area + other_area).sub_(inter)


def _settle(overlaps: Tensor) -> Tensor:
    """Greedy choice inside one block from its upper-triangular (B, B) overlap mask -> kept (B,) bool.

    A box is kept exactly if no kept box before it overlaps it. Iterating that statement from "all kept" settles at
    least one more box a round, and in practice everything within a few rounds.
    """
    kept = torch.ones(len(overlaps), dtype=torch.bool, device=overlaps.device)
    while True:
        update = ~(overlaps & kept[:, None]).any(0)
        if torch.equal(update, kept):
            return kept
        kept = update


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int = 0) -> Tensor:
    """Greedy non-maximum suppression, a block of the best remaining boxes at a time.

    Blocks start small, because the first few boxes usually suppress most of the others.

    Args:
        boxes: (N, 4) xyxy pixels.
        scores: (N,).
        iou_threshold: Boxes that overlap a better one by more than this are dropped.
        offset: 0 or 1, added to widths and heights, as in mmcv.

    Returns:
        (M,) int64 indices of the kept boxes, best score first.
    """
    if len(boxes) == 0:
        return torch.empty(0, dtype=torch.int64, device=boxes.device)
    rest = scores.argsort(descending=True, stable=True)
    columns = _columns(boxes[rest].to(torch.promote_types(boxes.dtype, torch.float32)), offset)
    first, last = (CUDA_BLOCK, CUDA_BLOCK) if boxes.is_cuda else (FIRST_BLOCK, LAST_BLOCK)
    chosen, size = [], first
    while len(rest):
        block = columns[:, :size]
        kept = _settle((_iou(block, block, offset) > iou_threshold).triu_(1))
        chosen.append(rest[:size][kept])
        rest, columns = rest[size:], columns[:, size:]
        if len(rest):
            free = ~(_iou(block[:, kept], columns, offset) > iou_threshold).any(0)
            rest, columns = rest[free], columns[:, free]
        size = min(2 * size, last)
    return torch.cat(chosen)


def _decay(overlap: np.ndarray, iou_threshold: float, sigma: float, method: int) -> np.ndarray:
    """Factor on the score of a box that overlaps the chosen one by ``overlap``."""
    if method == 2:
        return np.exp(-overlap**2 / sigma)
    return np.where(overlap >= iou_threshold, 1 - overlap if method == 1 else 0, 1)


def softnms(boxes: Tensor, scores: Tensor, dets: Tensor, iou_threshold: float, sigma: float, min_score: float,
            method: int, offset: int) -> Tensor:
    """Soft-NMS [Bodla et al., ICCV 2017]; fills ``dets`` in place as mmcv's operator does. CPU only, as there.

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
    if method not in (0, 1, 2):
        raise ValueError(f'softnms: method must be 0 (hard), 1 (linear) or 2 (Gaussian), got {method}.')
    live = _columns(boxes.detach(), offset).numpy()
    score, index = scores.detach().numpy().copy(), np.arange(len(scores))
    kept: list[int] = []
    kept_scores: list[float] = []
    while len(index):
        best = int(score.argmax())
        x1, y1, x2, y2, area = live[:, best]
        kept.append(int(index[best]))
        kept_scores.append(float(score[best]))
        width = np.minimum(live[2], x2) - np.maximum(live[0], x1) + offset
        height = np.minimum(live[3], y2) - np.maximum(live[1], y1) + offset
        inter = np.maximum(width, 0) * np.maximum(height, 0)
        with np.errstate(divide='ignore', invalid='ignore'):
            overlap = np.nan_to_num(inter / (live[4] + area - inter))  # a box without area never decays another
        score *= _decay(overlap, iou_threshold, sigma, method)
        stays = ~(score < min_score)
        stays[best] = False
        live, score, index = live[:, stays], score[stays], index[stays]
    order = torch.tensor(kept, dtype=torch.int64)
    dets[:len(kept), :4] = boxes[order]
    dets[:len(kept), 4] = torch.tensor(kept_scores, dtype=dets.dtype)
    return order


def _missing(name: str) -> Callable[..., Any]:
    """A callable for an operator that is not here; mmcv asks for all of them by name when it is imported."""
    if name.startswith('_'):
        raise AttributeError(f'mmcv._ext (torch fallback of cliff_ext) has no attribute {name!r}')

    def operator(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            f'mmcv operator "{name}" needs the compiled mmcv, and the one installed here has no compiled operators; '
            'cliff_ext brings nms, softnms and roi_align only. Replace mmcv-lite by a compiled build for your torch: '
            'pip uninstall mmcv-lite && MMCV_WITH_OPS=1 pip install --no-build-isolation "mmcv>=2.0.1,<2.2"')

    operator.__name__ = name
    return operator


def fill(module: ModuleType) -> None:
    """Gives ``mmcv._ext`` its working operators and a clear error for every other one."""
    module.nms = nms
    module.softnms = softnms
    module.roi_align_forward = roi_align_forward
    module.roi_align_backward = roi_align_backward
    module.get_compiler_version = lambda: NOT_COMPILED
    module.get_compiling_cuda_version = lambda: NOT_COMPILED
    module.__getattr__ = _missing
