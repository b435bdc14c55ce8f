"""Poses for synthetic people: moments of motion, limbs of several moments put together, and arms and trunks anywhere."""

from __future__ import annotations

import numpy as np
from scipy.cluster.vq import kmeans2, vq
from scipy.spatial.transform import Rotation

LIMBS = ((1, 2, 4, 5, 7, 8, 10, 11), (13, 16, 18, 20, 22), (14, 17, 19, 21, 23))
"""Legs, left arm, right arm: SMPL joints that may come from another moment of another motion."""
ARMS = ((13, 16, 18, 20), (14, 17, 19, 21))
"""Collar, shoulder, elbow and wrist, left and right."""
SPINE = (3, 6, 9)
KINDS = 200
"""Clusters of poses that are drawn equally often."""
JOINT_NOISE = 0.12
"""Standard deviation of each axis of the small turns given to joints of mixed poses, radians."""
MIRROR = np.diag([-1., 1., 1.])


class PoseSource:
    """Draws poses.

    Minutes of motion hold few combinations of legs and arms, most of them standing and walking, and a network that saw no
    others does worse on new people. So rare kinds of poses come as often as common ones, and a share is mixed.

    Args:
        poses: (P, 24, 3, 3) poses to draw from, root in a z-up world.
        mixed: Share of the people whose pose is put together from several, see :meth:`mix`; without it poses are drawn
            evenly over time.
    """

    def __init__(self, poses: np.ndarray, mixed: float = 0.) -> None:
        self.poses, self.mixed = poses, mixed
        self.chance = even_chances(poses) if mixed else None

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """``count`` poses (N, 24, 3, 3)."""
        rotmats = self.poses[self._rows(rng, count)].copy()
        for i in np.flatnonzero(rng.random(count) < self.mixed):
            rotmats[i] = self.mix(rng, rotmats[i])
        return rotmats

    def mix(self, rng: np.random.Generator, rotmats: np.ndarray) -> np.ndarray:
        """A pose (24, 3, 3) with limbs of others, some arms and trunks anywhere, and slightly turned joints."""
        rotmats = rotmats.copy()
        for limb in map(list, LIMBS):
            if rng.random() < 0.6:
                rotmats[limb] = self.poses[self._rows(rng, 1)[0], limb]
        for side, arm in enumerate(map(list, ARMS)):
            if rng.random() < 0.4:
                rotmats[arm] = random_arm(rng, mirrored=side == 1)
        if rng.random() < 0.25:
            bend = np.radians([rng.uniform(-15, 60), rng.uniform(-40, 40), rng.uniform(-25, 25)])
            rotmats[list(SPINE)] = rotmats[list(SPINE)] @ Rotation.from_rotvec(bend / len(SPINE)).as_matrix()
        rotmats[1:] = rotmats[1:] @ Rotation.from_rotvec(rng.normal(size=(23, 3)) * JOINT_NOISE).as_matrix()
        return rotmats

    def _rows(self, rng: np.random.Generator, count: int) -> np.ndarray:
        return rng.choice(len(self.poses), count, p=self.chance)


def even_chances(poses: np.ndarray, kinds: int = KINDS) -> np.ndarray:
    """Chance (P,) of each pose (P, 24, 3, 3), such that each kind of pose is as likely as every other.

    Kinds are k-means clusters of all joints' rotations but the root's, fitted to at most 20 poses a kind.
    """
    features = poses[:, 1:, :, :2].reshape(len(poses), -1).astype(np.float64)
    rng = np.random.default_rng(0)
    some = features[rng.permutation(len(features))[:20 * kinds]]
    centres, _ = kmeans2(some, min(kinds, len(some)), iter=5, minit='points', rng=rng)
    kind = vq(features, centres)[0]
    chance = 1 / np.bincount(kind, minlength=len(centres))[kind]
    return chance / chance.sum()


def random_arm(rng: np.random.Generator, mirrored: bool) -> np.ndarray:
    """Rotations (4, 3, 3) of collar, shoulder, elbow and wrist of a left arm, or of a right one if ``mirrored``.

    The upper arm points anywhere but far behind or far across the chest, twists about itself, and the elbow bends forwards.
    """
    while True:
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        if way[0] > -0.35 and way[2] > -0.55:
            break
    axis = np.cross([1., 0, 0], way)
    swing = Rotation.from_rotvec(axis / max(np.linalg.norm(axis), 1e-6) * np.arccos(np.clip(way[0], -1, 1)))
    twist = Rotation.from_rotvec([np.clip(rng.normal(0, 0.7), -1.4, 1.4), 0, 0])
    elbow = Rotation.from_rotvec([0, -np.radians(rng.uniform(0, 140)), 0])
    collar, wrist = (Rotation.from_rotvec(rng.normal(size=3) * size) for size in (0.1, 0.25))
    arm = np.stack([r.as_matrix() for r in (collar, swing * twist, elbow, wrist)])
    return MIRROR @ arm @ MIRROR if mirrored else arm
