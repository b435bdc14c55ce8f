"""RoI align in torch, for mmcv without compiled operators: what two-stage detectors read their boxes' features with.

Bilinear samples on a regular grid, averaged in bins, are two small matrix products: of weights over rows, the part of the
map under the box, and weights over columns.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

AVERAGE = 1
Piece = tuple[int, slice, slice, Tensor, Tensor]


def axis_weights(start: Tensor, length: Tensor, bins: int, size: int, sampling_ratio: int) -> Tensor:
    """How much each cell of an axis counts in each bin.

    A bin takes ``sampling_ratio`` samples, or one for every started cell of its length. A sample counts in the two cells
    around it; one more than a cell outside of the map counts nothing.

    Args:
        start: (N,) where the boxes begin, in cells.
        length: (N,) of the boxes, in cells.
        bins: B.
        size: S, cells of the map.
        sampling_ratio: Samples in a bin; 0 for as many as the bin has cells.

    Returns:
        (N, B, S).
    """
    width = length / bins
    samples = torch.full_like(width, sampling_ratio) if sampling_ratio > 0 else width.ceil()
    steps = torch.arange(int(samples.max().clamp(min=1)), device=start.device)
    places = (steps + 0.5) / samples.clamp(min=1)[:, None]
    at = start[:, None, None] + (torch.arange(bins, device=start.device)[:, None] + places[:, None]) * width[:, None, None]
    counts = (steps < samples[:, None])[:, None] & (at >= -1) & (at <= size)
    share = counts / samples.clamp(min=1)[:, None, None]
    at = at.clamp(0, size - 1)
    low = at.floor()
    beyond = at - low
    weights = at.new_zeros(len(start), bins, size)
    weights.scatter_add_(2, low.long(), share * (1 - beyond))
    return weights.scatter_add_(2, (low.long() + 1).clamp(max=size - 1), share * beyond)


def _pieces(rois: Tensor, shape: tuple[int, ...], bins: tuple[int, int], scale: float, ratio: int,
            aligned: bool) -> Iterator[Piece]:
    """For each box its picture, the rows and columns of the map that count, and their weights (B, rows), (B, columns)."""
    low = rois[:, 1:3] * scale - 0.5 * aligned
    length = (rois[:, 3:5] - rois[:, 1:3]) * scale
    length = length.clamp(min=0 if aligned else 1)
    columns, rows = (axis_weights(low[:, axis], length[:, axis], bins[1 - axis], shape[3 - axis], ratio) for axis in (0, 1))
    spans = [_span(weights) for weights in (rows, columns)]
    for i, image in enumerate(rois[:, 0].long().tolist()):
        y, x = (slice(*span[i]) for span in spans)
        yield image, y, x, rows[i, :, y], columns[i, :, x]


def _span(weights: Tensor) -> list[list[int]]:
    """First cell that counts and the one behind the last, for each box."""
    counts = (weights > 0).any(1)
    first = counts.to(torch.uint8).argmax(1)
    behind = weights.shape[2] - counts.flip(1).to(torch.uint8).argmax(1)
    return torch.stack([first, torch.where(counts.any(1), behind, first)], 1).tolist()


def roi_align_forward(features: Tensor, rois: Tensor, output: Tensor, argmax_y: Tensor, argmax_x: Tensor,
                      aligned_height: int, aligned_width: int, spatial_scale: float, sampling_ratio: int, pool_mode: int,
                      aligned: bool) -> None:
    """Fills ``output`` (N, C, h, w) from feature maps (M, C, H, W) and rois (N, 5): picture, x1, y1, x2, y2; as mmcv's.

    Raises:
        NotImplementedError: Maximum instead of mean.
    """
    _check_mode(pool_mode)
    if not len(rois):
        return
    bins = (aligned_height, aligned_width)
    for i, (image, y, x, rows, columns) in enumerate(
            _pieces(rois.float(), features.shape, bins, spatial_scale, sampling_ratio, aligned)):
        output[i] = (rows @ features[image, :, y, x].float() @ columns.T).to(output.dtype)


def roi_align_backward(grad_output: Tensor, rois: Tensor, argmax_y: Tensor, argmax_x: Tensor, grad_input: Tensor,
                       aligned_height: int, aligned_width: int, spatial_scale: float, sampling_ratio: int, pool_mode: int,
                       aligned: bool) -> None:
    """Adds the gradient of :func:`roi_align_forward` to ``grad_input`` (M, C, H, W)."""
    _check_mode(pool_mode)
    if not len(rois):
        return
    bins = (aligned_height, aligned_width)
    for i, (image, y, x, rows, columns) in enumerate(
            _pieces(rois.float(), grad_input.shape, bins, spatial_scale, sampling_ratio, aligned)):
        grad_input[image, :, y, x] += (rows.T @ grad_output[i].float() @ columns).to(grad_input.dtype)


def _check_mode(pool_mode: int) -> None:
    if pool_mode != AVERAGE:
        raise NotImplementedError("roi_align (torch fallback of cliff_ext) knows pool_mode='avg' only; 'max' needs the "
                                  'compiled mmcv')
