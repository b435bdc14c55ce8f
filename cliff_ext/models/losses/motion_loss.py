"""Loss on paths: where they are and how they bend."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from cliff_ext.registry import MODELS


@MODELS.register_module()
class MotionLoss(nn.Module):
    """L1 of positions and L1 of accelerations (second differences over time), as SmoothNet and SynSP train.

    Args:
        position_weight: Factor of the position term.
        acceleration_weight: Factor of the acceleration term.
    """

    def __init__(self, position_weight: float = 1., acceleration_weight: float = 1.) -> None:
        super().__init__()
        self.position_weight = position_weight
        self.acceleration_weight = acceleration_weight

    def forward(self, pred: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Both terms, weighted.

        Args:
            pred: (..., T, C), the time being the last dimension but one also where there are views.
            target: The same shape.

        Returns:
            ``position`` and ``acceleration``, scalars.

        Raises:
            ValueError: Fewer than three frames, which have no acceleration.
        """
        if pred.shape[-2] < 3:
            raise ValueError(f'acceleration needs at least 3 frames, got {pred.shape[-2]}; take a larger window_size')
        acceleration = F.l1_loss(pred.diff(n=2, dim=-2), target.diff(n=2, dim=-2))
        return dict(position=self.position_weight * F.l1_loss(pred, target),
                    acceleration=self.acceleration_weight * acceleration)
