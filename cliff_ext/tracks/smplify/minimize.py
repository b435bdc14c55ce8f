"""Minimisers of many small problems at once: each row of a batch is a problem of its own.

Convention:
    A loss takes points (B, D) to values (B,); a row's value depends on that row alone. An iteration evaluates the loss and
    its gradient once, so a row comes out the same in a batch and alone, for as many evaluations.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from cliff_ext.registry import TASK_UTILS

Loss = Callable[[Tensor], Tensor]


class Minimizer(ABC):
    """Register with ``TASK_UTILS``."""

    @abstractmethod
    def __call__(self, loss: Loss, start: Tensor, iterations: int) -> Tensor:
        """The points (B, D) found from ``start`` (B, D), which stays as it is."""


@TASK_UTILS.register_module()
class BatchAdam(Minimizer):
    """Adam, as the references use it.

    Args:
        lr: Step.
        betas: Decay of both moments.
    """

    def __init__(self, lr: float = 1e-2, betas: tuple[float, float] = (0.9, 0.999)) -> None:
        self.lr = lr
        self.betas = tuple(betas)

    def __call__(self, loss: Loss, start: Tensor, iterations: int) -> Tensor:
        point = start.detach().clone().requires_grad_()
        optimizer = torch.optim.Adam([point], lr=self.lr, betas=self.betas)
        for _ in range(iterations):
            optimizer.zero_grad()
            loss(point).sum().backward()
            optimizer.step()
        return point.detach()


@TASK_UTILS.register_module()
class BatchLBFGS(Minimizer):
    """L-BFGS [Liu and Nocedal, 1989] with memory, step length and acceptance of its own for each row.

    A step that does not lower a row's loss enough, or gives NaN, is taken back and tried shorter in the next iteration, so
    no row ever gets worse and none waits for another.

    Args:
        history: Steps remembered.
        first_step: Length of the very first step, in units of the variables.

    Raises:
        ValueError: A history or step that is not positive.
    """

    SUFFICIENT = 1e-4
    SHRINK = 0.35
    GIVE_UP = 1e-3
    """Step lengths below this forget what was remembered and start down the gradient again."""

    def __init__(self, history: int = 10, first_step: float = 0.05) -> None:
        if history < 1 or first_step <= 0:
            raise ValueError(f'BatchLBFGS needs history >= 1 and first_step > 0, got {history} and {first_step}')
        self.history = history
        self.first_step = first_step

    def __call__(self, loss: Loss, start: Tensor, iterations: int) -> Tensor:
        point = start.detach()
        value, slope = _evaluate(loss, point)
        memory = _Memory(point, self.history)
        length = torch.ones_like(value)
        for _ in range(iterations - 1):
            direction = memory.direction(slope, self.first_step)
            descent = (direction * slope).sum(1)
            trial = point + length[:, None] * direction
            trial_value, trial_slope = _evaluate(loss, trial)
            good = trial_value <= value + self.SUFFICIENT * length * descent  # False for NaN
            memory.remember(trial - point, trial_slope - slope, good)
            rows = good[:, None]
            point, slope = torch.where(rows, trial, point), torch.where(rows, trial_slope, slope)
            value = torch.where(good, trial_value, value)
            length = torch.where(good, 1., self.SHRINK * length)
            stuck = length < self.GIVE_UP
            memory.forget(stuck)
            length = torch.where(stuck, 1., length)
        return point


class _Memory:
    """The last steps (m, B, D) of each row, the changes of the gradient along them, and one over their product."""

    def __init__(self, point: Tensor, size: int) -> None:
        self.steps = point.new_zeros(size, *point.shape)
        self.changes = self.steps.clone()
        self.inverse = point.new_zeros(size, len(point))
        self.scale = point.new_zeros(len(point))

    def direction(self, slope: Tensor, first_step: float) -> Tensor:
        """Minus the inverse Hessian times the gradient (B, D); down the gradient for rows without a memory."""
        result, parts = slope, []
        for step, change, inverse in zip(self.steps.flip(0), self.changes.flip(0), self.inverse.flip(0), strict=True):
            parts.append(inverse * (step * result).sum(1))
            result = result - parts[-1][:, None] * change
        plain = first_step / slope.norm(dim=1).clamp(min=1e-12)
        result = result * torch.where(self.scale > 0, self.scale, plain)[:, None]
        for step, change, inverse, part in zip(self.steps, self.changes, self.inverse, reversed(parts), strict=True):
            result = result + (part - inverse * (change * result).sum(1))[:, None] * step
        return -result

    def remember(self, step: Tensor, change: Tensor, good: Tensor) -> None:
        """Keeps the steps of rows that were good and along which the loss curves upwards."""
        curvature, size = (step * change).sum(1), change.square().sum(1)
        kept = good & (curvature > 1e-10 * size.clamp(min=1e-20))
        for name, new in (('steps', step), ('changes', change)):
            old = getattr(self, name)
            setattr(self, name, torch.where(kept[:, None], torch.cat([old[1:], new[None]]), old))
        inverse = torch.where(kept, 1 / curvature, 0.)
        self.inverse = torch.where(kept, torch.cat([self.inverse[1:], inverse[None]]), self.inverse)
        self.scale = torch.where(kept, curvature / size, self.scale)

    def forget(self, rows: Tensor) -> None:
        """Empties the memory of some rows (B,)."""
        self.inverse = torch.where(rows, 0., self.inverse)
        self.scale = torch.where(rows, 0., self.scale)


def _evaluate(loss: Loss, point: Tensor) -> tuple[Tensor, Tensor]:
    point = point.detach().requires_grad_()
    value = loss(point)
    slope, = torch.autograd.grad(value.sum(), point)
    finite = slope.isfinite().all(1) & value.isfinite()
    return torch.where(finite, value, torch.nan).detach(), torch.where(finite[:, None], slope, 0.)
