"""L1 of coordinates where the depth is not always known."""

from __future__ import annotations

from torch import Tensor, nn

from cliff_ext.registry import MODELS


@MODELS.register_module()
class DepthAwareL1Loss(nn.Module):
    """Mean of |x|, |y| and |z| errors over all joints, those not seen and unknown depths counting as 0 [3DMPPE].

    Args:
        reduction: ``'mean'`` over people and joints, or ``'none'``.

    Raises:
        ValueError: Another reduction.
    """

    def __init__(self, reduction: str = 'mean') -> None:
        super().__init__()
        if reduction not in ('mean', 'none'):
            raise ValueError(f"reduction must be 'mean' or 'none', got {reduction!r}")
        self.reduction = reduction

    def forward(self, pred: Tensor, target: Tensor, visible: Tensor, has_depth: Tensor) -> Tensor:
        """The loss.

        Args:
            pred: (N, K, 3).
            target: (N, K, 3), finite also where unknown.
            visible: (N, K), 0 or 1.
            has_depth: (N,), 0 or 1.

        Returns:
            A scalar, or (N, K).
        """
        error = (pred - target).abs() * visible[..., None]
        loss = (error[..., 0] + error[..., 1] + error[..., 2] * has_depth[:, None]) / 3
        return loss.mean() if self.reduction == 'mean' else loss
