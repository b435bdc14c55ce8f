"""The expected place under the softmax of a heat map, without a second heat map in memory.

A softmax over 64 x 64 x 64 places of many joints is the largest thing in PoseNet. Here a few maps at a time go through a
buffer that fits the caches; nothing as large as the heat map is made in the forward pass, and only its gradient in the
backward pass, where the probabilities are made again.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

CHUNK = 2**18
"""Places that go through the buffer at a time for each thread of a CPU, about what its cache holds."""
GPU_CHUNKS = 32
"""How many of them on a GPU, which needs longer runs."""


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
        plane, depth = _places(maps, width)
        sums = maps.new_empty(len(maps), 2, maps.shape[2], dtype=torch.float32)  # over the depths, and z times them
        for rows in _chunks(maps):
            torch.bmm(depth.expand(len(maps[rows]), -1, -1), _softmax(maps[rows]), out=sums[rows])
        means = torch.cat([sums[:, 0] @ plane, sums[:, 1].sum(1, keepdim=True)], 1)
        ctx.save_for_backward(maps, means)
        ctx.width = width
        return means

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> tuple[Tensor, None]:
        maps, means = ctx.saved_tensors
        plane, depth = _places(maps, ctx.width)
        across = grad[:, :2] @ plane.T
        along = grad[:, 2:] * depth[1] - (grad * means).sum(1, keepdim=True)
        result = torch.empty_like(maps)
        for rows in _chunks(maps):
            pull = across[rows, None] + along[rows, :, None]
            torch.mul(_softmax(maps[rows]), pull, out=result[rows])
        return result, None


def _softmax(maps: Tensor) -> Tensor:
    """Probabilities of maps (m, D, H * W), float32."""
    return maps.flatten(1).softmax(1, dtype=torch.float32).view(maps.shape)


def _places(maps: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """x and y of every place of a plane (H * W, 2), and one and z of every depth (2, D)."""
    place = torch.arange(maps.shape[2], device=maps.device)
    z = torch.arange(maps.shape[1], device=maps.device)
    return torch.stack([place % width, place // width], 1).float(), torch.stack([torch.ones_like(z), z]).float()


def _chunks(maps: Tensor) -> Iterator[slice]:
    """Runs of maps that fit the buffer."""
    threads = torch.get_num_threads() if maps.device.type == 'cpu' else GPU_CHUNKS
    count = threads * max(CHUNK // max(maps.shape[1:].numel(), 1), 1)
    return (slice(start, start + count) for start in range(0, len(maps), count))
