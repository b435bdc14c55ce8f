"""Reading heat maps of joints: where each is surest, and where each sends a joint that is somewhere already."""

from __future__ import annotations

import torch
from torch import Tensor

ENOUGH = 0.02
"""Probability near a place at which a map's advice there counts half."""


def _cells(size: int, like: Tensor) -> Tensor:
    return (torch.arange(size, device=like.device, dtype=like.dtype) + 0.5) / size


def sharpest(maps: Tensor, reach: int = 2) -> tuple[Tensor, Tensor]:
    """The highest cell of each map and its neighbours, where a mean over the map would lie between two likely places.

    Args:
        maps: (N, P, h, w) probabilities.
        reach: Cells on each side of the highest that count.

    Returns:
        Mean places (N, P, 2) of those cells, x and y from 0 to 1, and their probability (N, P).
    """
    height, width = maps.shape[2:]
    highest = maps.flatten(2).argmax(-1)[..., None, None]
    rows = torch.arange(height, device=maps.device)[:, None] - highest // width
    columns = torch.arange(width, device=maps.device) - highest % width
    near = maps * ((rows.abs() <= reach) & (columns.abs() <= reach))
    mass = near.sum((2, 3))
    x, y = near.sum(2) @ _cells(width, maps), near.sum(3) @ _cells(height, maps)
    return torch.stack([x, y], -1) / mass[..., None], mass


def pull(maps: Tensor, places: Tensor, sigma: float = 0.06) -> tuple[Tensor, Tensor]:
    """A step of mean shift: the way from each place to the mean of its map under a Gaussian about it.

    Args:
        maps: (N, P, h, w) probabilities, cells as wide as high.
        places: (N, P, 2) x and y, from 0 to 1 inside the map, anywhere outside.
        sigma: The Gaussian's, in heights of the map.

    Returns:
        Ways (N, P, 2), in widths and heights of the map, damped where it says little; how much it says (N, P), 0 to 1.
    """
    height, width = maps.shape[2:]
    x, y = _cells(width, maps), _cells(height, maps)
    across = torch.exp(-((x - places[..., :1]) * (width / height) / sigma).square() / 2)
    down = torch.exp(-((y - places[..., 1:]) / sigma).square() / 2)
    rows = (maps @ across[..., None])[..., 0] * down  # (N, P, h)
    columns = (down[..., None, :] @ maps)[..., 0, :] * across  # (N, P, w)
    mass = rows.sum(-1)
    mean = torch.stack([columns @ x, rows @ y], -1) / (mass + 1e-5)[..., None]
    sure = mass / (mass + ENOUGH)
    return sure[..., None] * (mean - places), sure
