"""Learns the pose prior that ships: eight Gaussians over SMPL's body poses of real motion.

    python projects/pose_prior/learn.py data/mocap/train.npz --out cliff_ext/body_models/data/open_pose_prior.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.special import logsumexp

from cliff_ext.io import atomic_path
from cliff_ext.structures import get_skeleton

BLUR = 0.1
"""Radians; added to every direction, since the poses were retargeted and some joints (spine3, toes, hands) never move."""


def load_poses(path: str | Path, every: int = 4) -> np.ndarray:
    """Body poses (N, 69), axis-angle, of an archive with ``smpl_pose`` (N, 72), and their mirror images."""
    with np.load(path, allow_pickle=False) as data:
        poses = data['smpl_pose'][::every, 3:].astype(np.float64)
    return np.concatenate([poses, mirror(poses)])


def mirror(poses: np.ndarray) -> np.ndarray:
    """Body poses (N, 69) of the people in the mirror: left and right change places, turns about y and z their sign."""
    swap = np.arange(24)
    for left, right in get_skeleton('smpl24').flip_pairs:
        swap[[left, right]] = right, left
    return (poses.reshape(-1, 23, 3)[:, swap[1:] - 1] * [1, -1, -1]).reshape(-1, 69)


def learn_mixture(points: np.ndarray, count: int, iterations: int = 60, blur: float = BLUR,
                  seed: int = 0) -> dict[str, np.ndarray]:
    """Fits a mixture of Gaussians to points (N, D) by expectation maximisation, started from k-means++ centres.

    Returns:
        ``means`` (M, D), ``covars`` (M, D, D), ``weights`` (M,).
    """
    rng = np.random.default_rng(seed)
    means = _centres(points, count, rng)
    share = np.eye(count)[np.square(points[:, None] - means).sum(-1).argmin(1)]
    for _ in range(iterations):
        total = share.sum(0)
        means = share.T @ points / total[:, None]
        covars = np.stack([_covariance(points - mean, part) for mean, part in zip(means, share.T, strict=True)])
        covars += blur**2 * np.eye(points.shape[1])
        weights = total / total.sum()
        score = log_density(points, means, covars) + np.log(weights)
        share = np.exp(score - logsumexp(score, 1, keepdims=True))
    return dict(means=means, covars=covars, weights=weights)


def log_density(points: np.ndarray, means: np.ndarray, covars: np.ndarray) -> np.ndarray:
    """Logarithm (N, M) of each Gaussian's density at the points (N, D)."""
    root = np.linalg.cholesky(covars)
    size = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1) + points.shape[1] / 2 * np.log(2 * np.pi)
    white = [np.linalg.solve(one, (points - mean).T) for one, mean in zip(root, means, strict=True)]
    return np.stack([-0.5 * np.square(one).sum(0) for one in white], 1) - size


def _covariance(centred: np.ndarray, share: np.ndarray) -> np.ndarray:
    return (centred * share[:, None]).T @ centred / share.sum()


def _centres(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    centres = [points[rng.integers(len(points))]]
    while len(centres) < count:
        distance = np.min([np.square(points - centre).sum(1) for centre in centres], 0)
        centres.append(points[rng.choice(len(points), p=distance / distance.sum())])
    return np.stack(centres)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('motion', type=Path, help='npz with smpl_pose (N, 72), axis-angle')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--gaussians', type=int, default=8)
    args = parser.parse_args()
    poses = load_poses(args.motion)
    mixture = learn_mixture(poses, args.gaussians)
    with atomic_path(args.out) as temporary:
        np.savez_compressed(temporary, **{name: value.astype(np.float32) for name, value in mixture.items()})
    print(f'{len(poses)} poses, weights {np.round(mixture["weights"], 3).tolist()}: {args.out}')


if __name__ == '__main__':
    main()
