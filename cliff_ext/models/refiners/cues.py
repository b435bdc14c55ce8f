"""What SynSP adds to a memory's tokens: how like two views are, and how far two estimates agree."""

from __future__ import annotations

import torch
from torch import Tensor


def similarity(poses: Tensor) -> Tensor:
    """(N, V, W, C) to (N·V, V·W, 1): for every view, how like it each view is at each frame; 1 for itself."""
    distance = (poses[:, :, None] - poses[:, None]).square().mean(-1)  # (N, V, V, W)
    return torch.exp(-distance).flatten(0, 1).flatten(1)[..., None]


def agreement(position: Tensor, acceleration: Tensor) -> Tensor:
    """Both (N, V, W, C) to the quality cue (N, V, W), relative to where the window's two estimates differ most."""
    difference = (position - acceleration).abs() / 2
    return torch.exp(-(difference + 1e-6) / (difference.amax(-2, keepdim=True) + 1e-5)).mean(-1)


def on_own_view(quality: Tensor) -> Tensor:
    """(N, V, W) to (N·V, V·W, 1): each view's cue at its own tokens, zero at other views'."""
    return torch.diag_embed(quality.transpose(1, 2), dim1=1, dim2=2).flatten(0, 1).flatten(1)[..., None]
