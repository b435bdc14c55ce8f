"""The expected place under the softmax of a heat map, without a second heat map in memory.

A softmax over 64 x 64 x 64 places of many joints is the largest thing in PoseNet. Here a few maps at a time go through a
buffer that fits the caches; nothing as large as the heat map is made in the forward pass, and only its gradient in the
backward pass, where the probabilities are made again from the heat map and each map's maximum and sum.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

CHUNK = 2**20
"""Places that go through the buffer at a time."""


def soft_argmax(heatmaps: Tensor) -> Tensor:
    """Expected coordinates under the softmax over all places of each map [Sun et al., ECCV 2018].

    Args:
        heatmaps: (N, K, D, H, W) of 3D maps or (N, K, H, W) of 2D ones, before the softmax, any real type.

    Returns:
        (N, K, 3) x, y, z or (N, K, 2) x, y, float32, in places: x from 0 to W - 1, and so on.

    Raises:
        ValueError: Another number of dimensions.

    Example:
        >>> peak = torch.zeros(1, 1, 4, 4)
        >>> peak[0, 0, 2, 1] = 100.
        >>> soft_argmax(peak)
        tensor([[[1., 2.]]])
    """
    if heatmaps.ndim not in (4, 5):
        raise ValueError(f'heatmaps must be (N, K, D, H, W) or (N, K, H, W), got {tuple(heatmaps.shape)}')
    axes = heatmaps.ndim - 2
    depth, height, width = (1, *heatmaps.shape[2:])[-3:]
    maps = heatmaps.reshape(-1, depth, height * width)
    with torch.autocast(maps.device.type, enabled=False):  # half precision is too coarse for a sum over all places
        means = _Expectation.apply(maps, width)
    return means[:, :axes].view(*heatmaps.shape[:2], axes)


class _Expectation(torch.autograd.Function):
    """Maps (M, D, H * W) to expected x, y, z (M, 3)."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, maps: Tensor, width: int) -> Tensor:
        plane = _plane(maps, width)
        steps = torch.arange(maps.shape[1], dtype=torch.float32, device=maps.device)
        means = maps.new_empty(len(maps), 3, dtype=torch.float32)
        logs = maps.new_empty(len(maps), dtype=torch.float32)
        for rows in _chunks(maps):
            part = maps[rows].float()
            peak = part.amax((1, 2), keepdim=True)
            sums = (part - peak).exp_() @ plane  # (m, D, 3): of the probabilities, of x and of y, for each depth
            total = sums[..., 0].sum(1)
            means[rows, :2] = sums[..., 1:].sum(1) / total[:, None]
            means[rows, 2] = sums[..., 0] @ steps / total
            logs[rows] = peak[:, 0, 0] + total.log()
        ctx.save_for_backward(maps, means, logs)
        ctx.width = width
        return means

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> tuple[Tensor, None]:
        maps, means, logs = ctx.saved_tensors
        plane = _plane(maps, ctx.width)
        steps = torch.arange(maps.shape[1], dtype=torch.float32, device=maps.device)
        grad = grad.float()
        offset = (grad * means).sum(1)
        result = torch.empty_like(maps)
        for rows in _chunks(maps):
            probability = (maps[rows].float() - logs[rows, None, None]).exp_()
            pull = (grad[rows, :2] @ plane[:, 1:].T)[:, None] + (grad[rows, 2:] * steps - offset[rows, None])[..., None]
            result[rows] = probability.mul_(pull)
        return result, None


def _plane(maps: Tensor, width: int) -> Tensor:
    """(H * W, 3): one, x and y of every place of a plane."""
    place = torch.arange(maps.shape[2], device=maps.device)
    return torch.stack([torch.ones_like(place), place % width, place // width], 1).float()


def _chunks(maps: Tensor) -> Iterator[slice]:
    """Runs of maps that fit the buffer."""
    count = max(CHUNK // maps[0].numel(), 1) if len(maps) else 1
    return (slice(start, start + count) for start in range(0, len(maps), count))
