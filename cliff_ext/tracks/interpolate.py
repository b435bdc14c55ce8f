"""Values between frames: straight lines and great arcs, or curves without a kink (C1), for vectors and rotations.

Convention:
    A curve between two frames follows the cubic Hermite form. Velocities at the frames are those of monotone cubic
    interpolation [Fritsch and Butland 1984]: a harmonic mean of the slopes before and after, zero where they disagree in
    sign, so that a curve never leaves the range of its two ends. Rotations follow ``R0 exp(u(s))`` with u a Hermite curve in
    the tangent space of R0; velocities are in the body's frame, where a steady turn has a constant one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from cliff_ext.geometry import rotmat_to_rotvec, rotvec_to_rotmat


@dataclass(frozen=True)
class Between:
    """Where new frames lie between known ones.

    Attributes:
        frames: (T,) known frame numbers, rising.
        left: (N,) row of the known frame before each new one; the next row is the one after.
        share: (N,) how far, in (0, 1).
    """

    frames: np.ndarray
    left: np.ndarray
    share: np.ndarray

    @property
    def steps(self) -> np.ndarray:
        """(T - 1,) frames from each known frame to the next."""
        return np.diff(self.frames).astype(np.float64)


def interpolate(values: np.ndarray, at: Between, smooth: bool) -> np.ndarray:
    """Vectors (T, ...) at the new frames (N, ...)."""
    values = values.astype(np.float64)
    rise = np.diff(values, axis=0)
    share = _column(at.share, values)
    if not smooth:
        return values[at.left] + share * rise[at.left]
    velocity = _velocities(rise / _column(at.steps, values), at.steps)
    length = _column(at.steps[at.left], values)
    return values[at.left] + _hermite(share, rise[at.left], length * velocity[at.left], length * velocity[at.left + 1])


def interpolate_rotations(rotmats: np.ndarray, at: Between, smooth: bool) -> np.ndarray:
    """Rotation matrices (T, ..., 3, 3) at the new frames (N, ..., 3, 3), the short way round."""
    known = torch.from_numpy(rotmats.astype(np.float64))
    turn = rotmat_to_rotvec(known[:-1].mT @ known[1:]).numpy()
    share = _column(at.share, turn)
    if smooth:
        velocity = _velocities(turn / _column(at.steps, turn), at.steps)
        length = _column(at.steps[at.left], turn)
        arriving = _inverse_jacobian(turn[at.left], velocity[at.left + 1])
        path = _hermite(share, turn[at.left], length * velocity[at.left], length * arriving)
    else:
        path = share * turn[at.left]
    return (known[at.left] @ rotvec_to_rotmat(torch.from_numpy(path))).numpy()


def _column(factors: np.ndarray, values: np.ndarray) -> np.ndarray:
    return factors.reshape(-1, *[1] * (values.ndim - 1))


def _velocities(slopes: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Velocity (T, ...) at each frame from the slopes (T - 1, ...) between frames."""
    before, after = slopes[:-1], slopes[1:]
    heavy, light = (_column(w, slopes) for w in (2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]))
    agree = before * after > 0
    inner = np.divide((heavy + light) * before * after, heavy * after + light * before, where=agree,
                      out=np.zeros_like(before))
    return np.concatenate([slopes[:1], inner, slopes[-1:]])


def _hermite(s: np.ndarray, rise: np.ndarray, leaving: np.ndarray, arriving: np.ndarray) -> np.ndarray:
    """Cubic from 0 to ``rise`` over s in [0, 1] with the given derivatives at its ends."""
    return s**2 * (3 - 2 * s) * rise + s * (1 - s)**2 * leaving + s**2 * (s - 1) * arriving


def _inverse_jacobian(rotvec: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Derivative of the rotation vector (..., 3) whose exponential turns with the body-frame velocity (..., 3)."""
    angle = np.linalg.norm(rotvec, axis=-1, keepdims=True)
    safe = np.maximum(angle, 1e-4)
    factor = np.where(angle < 1e-4, 1 / 12, 1 / safe**2 - 1 / (2 * safe * np.tan(safe / 2)))
    once = np.cross(rotvec, velocity)
    return velocity + once / 2 + factor * np.cross(rotvec, once)


def place(frames: np.ndarray, wanted: np.ndarray) -> Between:
    """Where ``wanted`` frames (N,), none of them known, lie between the known ``frames`` (T,)."""
    left: np.ndarray = np.searchsorted(frames, wanted) - 1
    start, end = frames[left], frames[left + 1]
    return Between(frames, left, (wanted - start) / (end - start))
