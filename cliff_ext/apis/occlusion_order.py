"""Depths of the people of one picture, brought into the order that their overlaps show."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from cliff_ext.registry import TASK_UTILS


@TASK_UTILS.register_module()
class OcclusionOrder:
    """Moves people who overlap in depth until who hides whom agrees with who is nearer, as little as that takes.

    A size in the picture says how far away somebody is only as well as the body's true height is known; who hides whom needs
    no height. With x the logarithms of the depths and x' those that were found one by one, this finds the least of
    ``sum (x - x')^2 / 2 + sum strength |cue| softness log(1 + exp((x_front - x_back) / softness))`` over people and pairs,
    a Gaussian about what was found and a logistic likelihood of each order. People who are clearly in the right order
    already, and those who overlap nobody, stay where they are.

    Args:
        strength: How far apart, in the logarithm of their depths, two people may have been found in the wrong order for one
            who hides the other one wholly to be turned around; half as far for one who hides half.
        softness: Within which share of the depth an order is still in doubt.

    Raises:
        ValueError: What is not a positive number.
    """

    def __init__(self, strength: float = 0.8, softness: float = 0.1) -> None:
        for name, value in (('strength', strength), ('softness', softness)):
            if not isinstance(value, (int, float)) or not value > 0:
                raise ValueError(f'OcclusionOrder: {name} must be a positive number, got {value!r}')
        self.strength = strength
        self.softness = softness

    def __call__(self, depth: np.ndarray, cue: np.ndarray) -> np.ndarray:
        """Depths (N,) of one picture's people, metres, positive, and :func:`~cliff_ext.geometry.occlusion_cue` (N, N)."""
        front, back = np.nonzero(cue > 0)
        if not len(front):
            return depth
        found = np.log(np.asarray(depth, np.float64))
        pull = self.strength * cue[front, back].astype(np.float64)

        def cost(x: np.ndarray) -> tuple[float, np.ndarray]:
            wrong = (x[front] - x[back]) / self.softness
            slope = x - found
            np.add.at(slope, front, pull * expit(wrong))
            np.add.at(slope, back, -pull * expit(wrong))
            return ((x - found)**2).sum() / 2 + (pull * self.softness * np.logaddexp(0, wrong)).sum(), slope

        best = minimize(cost, found, jac=True, method='L-BFGS-B', options=dict(gtol=1e-6))
        return np.exp(best.x).astype(np.asarray(depth).dtype)
