"""Turns clean motion into what a per-frame estimator would have made of it; changes nothing but ``detected``."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import torch
from torch.utils.data import get_worker_info

from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.registry import TRANSFORMS
from cliff_ext.structures import Skeleton, get_skeleton

LIMBS = {'keypoints3d': (('knee', 'ankle', 'foot'), ('elbow', 'wrist', 'hand')),
         'smpl': (('hip', 'knee', 'ankle', 'foot'), ('shoulder', 'elbow', 'wrist', 'hand'))}
"""Joints of a leg and of an arm that go wrong together; a rotation moves what lies below it, so SMPL's begin higher."""
MIRROR = np.array([[1., -1.], [-1., 1.], [-1., 1.]])
"""What mirroring at the x axis does to the first two columns of a rotation matrix."""


@TRANSFORMS.register_module()
class EstimatorNoise:
    """Errors that per-frame estimators make, on clean 3D joints or SMPL rotations.

    Five parts, in this order:

    - *drift*: every coordinate of every joint sways slowly (three sines of 1 to 5 s at 30 frames a second);
    - *jitter*: white noise, each joint with its own weight (log-normal, sigma 0.35);
    - *occlusion bursts*: a limb is off by a constant and jitters five times as much, for ``burst_length`` frames on average;
    - *swaps*: the left and right leg, or arm, are exchanged for ``swap_length`` frames on average;
    - *dropped frames*: the last pose is held for ``drop_length`` frames on average.

    Amplitudes and the rates of swaps and drops grow with ``strength``. The root gets drift and jitter as all joints do.
    Rotations are turned by the noise, read as a rotation vector in the parent's frame.

    Required keys: ``truth``, ``detected`` ((T, C), or (V, T, C): each view gets its own errors), ``sequence``, ``metainfo``
    with ``representation`` and ``skeleton``. Modified key: ``detected``.

    Args:
        jitter, drift, burst: Standard deviations along each axis at strength 1, metres or radians.
        strength: A factor, or (low, high) to draw one for each item, evenly in its logarithm.
        burst_rate, swap_rate, drop_rate: Beginnings per frame, of each limb, each pair of limbs, and the whole body.
        burst_length, swap_length, drop_length: Mean lengths in frames.
        seed: Gives each sequence the same noise in every run. None draws new noise for each item, from NumPy's global
            generator, or a data loader worker's own seed.

    Raises:
        ValueError: 2D joints, or joints whose order is not known.
    """

    def __init__(self, jitter: float, drift: float, burst: float, strength: float | Sequence[float] = 1.,
                 burst_rate: float = 0.004, burst_length: float = 12., swap_rate: float = 0.002, swap_length: float = 4.,
                 drop_rate: float = 0.01, drop_length: float = 3., seed: int | None = None) -> None:
        self.jitter, self.drift, self.burst = jitter, drift, burst
        self.strength = strength
        self.burst_rate, self.burst_length = burst_rate, burst_length
        self.swap_rate, self.swap_length = swap_rate, swap_length
        self.drop_rate, self.drop_length = drop_rate, drop_length
        self.seed = seed
        self._worker_generator: np.random.Generator | None = None

    def __call__(self, results: dict) -> dict:
        kind, name = results['metainfo']['representation'], results['metainfo']['skeleton']
        if kind not in LIMBS or name is None:
            raise ValueError(f'EstimatorNoise needs 3D joints or SMPL rotations in a named order, got {kind}, {name}')
        skeleton, rng = get_skeleton(name), self._generator(results['sequence'])
        poses = results['detected']
        views = [self._one_view(view, kind, skeleton, rng) for view in poses.reshape(-1, *poses.shape[-2:])]
        results['detected'] = np.stack(views).reshape(poses.shape).astype(np.float32)
        return results

    def _one_view(self, pose: np.ndarray, kind: str, skeleton: Skeleton, rng: np.random.Generator) -> np.ndarray:
        frames, joints = len(pose), len(skeleton)
        strength = self.strength
        if not isinstance(strength, (int, float)):
            strength = float(np.exp(rng.uniform(*np.log(strength))))
        limbs = limb_joints(skeleton, LIMBS[kind])
        occluded = on_and_off(rng, frames, 2 * len(limbs), self.burst_rate, self.burst_length)
        error = strength * self._additive(rng, frames, joints, limbs, occluded)
        values = pose.reshape(frames, joints, -1)
        values = values + error if kind == 'keypoints3d' else turn_rot6d(values, error)
        swapped = on_and_off(rng, frames, len(limbs), strength * self.swap_rate, self.swap_length)
        for (left, right), now in zip(limbs, swapped.T, strict=True):
            exchange(values, left, right, now, mirror=kind == 'smpl')
        dropped = on_and_off(rng, frames, 1, strength * self.drop_rate, self.drop_length)[:, 0]
        dropped[0] = False
        last_seen = np.maximum.accumulate(np.where(dropped, 0, np.arange(frames)))
        return values[last_seen].reshape(frames, -1)

    def _additive(self, rng: np.random.Generator, frames: int, joints: int, limbs: list[tuple[list[int], list[int]]],
                  occluded: np.ndarray) -> np.ndarray:
        """Drift, jitter and bursts, (T, K, 3), at strength 1."""
        weight = np.exp(0.35 * rng.standard_normal((joints, 1)))
        jitter = self.jitter * rng.standard_normal((frames, joints, 3))
        error = slow_drift(rng, frames, (joints, 3)) * self.drift + jitter * weight
        sides = [side for pair in limbs for side in pair]
        for limb, now in zip(sides, occluded.T, strict=True):
            offset = self.burst * rng.standard_normal((len(limb), 3))
            error[:, limb] += now[:, None, None] * (offset + 4 * jitter[:, limb])
        return error

    def _generator(self, sequence: str) -> np.random.Generator:
        if self.seed is not None:
            return np.random.default_rng([self.seed, zlib.crc32(sequence.encode())])
        worker = get_worker_info()
        if worker is None:
            return np.random.default_rng(np.random.randint(2**31, size=4))
        if self._worker_generator is None:
            self._worker_generator = np.random.default_rng(worker.seed)
        return self._worker_generator


def limb_joints(skeleton: Skeleton, parts: Sequence[Sequence[str]]) -> list[tuple[list[int], list[int]]]:
    """(left, right) joints of each limb whose joints' names are listed."""
    names = skeleton.joint_names
    return [tuple([names.index(f'{side}_{part}') for part in limb if f'{side}_{part}' in names]
                  for side in ('left', 'right')) for limb in parts]


def on_and_off(rng: np.random.Generator, frames: int, count: int, rate: float, length: float) -> np.ndarray:
    """``count`` on-off processes, (T, count) bool, that begin at ``rate`` a frame and last ``length`` frames on average."""
    begin, end = min(rate, 1.), 1 / length
    draws = rng.random((frames, count))
    state = draws[0] < begin / (begin + end)
    states = [state]
    for draw in draws[1:]:
        state = np.where(state, draw >= end, draw < begin)
        states.append(state)
    return np.stack(states)


def slow_drift(rng: np.random.Generator, frames: int, shape: tuple[int, ...]) -> np.ndarray:
    """Smooth sway (T, *shape) of unit variance: three sines of 30 to 150 frames."""
    period = np.exp(rng.uniform(np.log(30), np.log(150), (3, *shape)))
    phase = rng.uniform(0, 2 * np.pi, (3, *shape))
    size = rng.standard_normal((3, *shape)) * np.sqrt(2 / 3)
    time = np.arange(frames).reshape(-1, 1, *([1] * len(shape)))
    return (size * np.sin(2 * np.pi * time / period + phase)).sum(1)


def turn_rot6d(rot6d: np.ndarray, rotvec: np.ndarray) -> np.ndarray:
    """Rotations (..., 6) turned by rotation vectors (..., 3), radians, from the left."""
    columns = torch.from_numpy(np.ascontiguousarray(rot6d, np.float32)).unflatten(-1, (3, 2))
    turned = rotvec_to_rotmat(torch.from_numpy(rotvec.astype(np.float32))) @ columns
    return turned.flatten(-2).numpy()


def exchange(values: np.ndarray, left: list[int], right: list[int], now: np.ndarray, mirror: bool) -> None:
    """Swaps joints of ``values`` (T, K, D) in the frames ``now`` (T,), in place; rotations are mirrored as well."""
    if not now.any():
        return
    at = np.flatnonzero(now)[:, None]
    both = values[at, right], values[at, left]
    values[at, left], values[at, right] = [mirror_rot6d(v) if mirror else v for v in both]


def mirror_rot6d(rot6d: np.ndarray) -> np.ndarray:
    """Rotations (..., 6) of a body mirrored left to right (x to −x)."""
    return (rot6d.reshape(*rot6d.shape[:-1], 3, 2) * MIRROR).reshape(rot6d.shape)
