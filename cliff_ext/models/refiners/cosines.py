"""Cosine waves over the frames of a window."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def dct_matrix(length: int) -> Tensor:
    """(length, length); the cosine transform DCT-II without normalisation, 2 Σ x_n cos(π k (2 n + 1) / 2 length)."""
    frame = torch.arange(length).double()
    return (2 * torch.cos(math.pi / (2 * length) * frame[:, None] * (2 * frame + 1))).float()


def low_pass(length: int, frequencies: int) -> Tensor:
    """(length, length); keeps the lowest cosine waves of a window, none for 0."""
    waves = dct_matrix(length)[:frequencies].double()
    waves = waves / waves.norm(dim=1, keepdim=True)
    return (waves.T @ waves).float()
