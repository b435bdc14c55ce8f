"""A track's pose as the rows of numbers that a refining network takes, and back.

Convention:
    ``smpl``: (T, 144), 6D rotations of the pelvis and the 23 body joints. ``keypoints3d``: (T, K*3), metres, each frame seen
    from its root. ``keypoints2d``: (T, K*2), pixels from the image centre over half its longer side, so 1000-pixel images
    of Human3.6M give (x - 500)/500. Where the person is (SMPL's translation, the root's path) no network sees; it is a path
    of its own, (T, 3) metres.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch

from cliff_ext.geometry import rot6d_to_rotmat, rotmat_to_rot6d
from cliff_ext.structures import HumanTrack, get_skeleton


class Representation(ABC):
    """One way to write a pose as numbers.

    Attributes:
        needs: Fields a track must have.
    """

    needs: tuple[str, ...]

    @abstractmethod
    def encode(self, track: HumanTrack) -> np.ndarray:
        """(T, C) float32 for a network."""

    @abstractmethod
    def decode(self, track: HumanTrack, values: np.ndarray, path: np.ndarray | None) -> HumanTrack:
        """The track with the pose ``values`` (T, C) and, unless None, the person's ``path`` (T, 3)."""

    @abstractmethod
    def path(self, track: HumanTrack) -> np.ndarray | None:
        """Where the person is, (T, 3), or None if the representation or the track does not say."""


class SMPLRotations(Representation):
    """``smpl``."""

    needs = ('global_orient', 'body_pose')

    def encode(self, track: HumanTrack) -> np.ndarray:
        rotmats = np.concatenate([track.global_orient[:, None], track.body_pose], 1)
        return rotmat_to_rot6d(torch.from_numpy(rotmats)).flatten(1).numpy()

    def decode(self, track: HumanTrack, values: np.ndarray, path: np.ndarray | None) -> HumanTrack:
        rotmats = rot6d_to_rotmat(torch.from_numpy(values).unflatten(1, (24, 6))).numpy()
        moved = {} if path is None else dict(transl=path)
        return track.replace(global_orient=rotmats[:, 0], body_pose=rotmats[:, 1:], **moved)

    def path(self, track: HumanTrack) -> np.ndarray | None:
        return track.transl


class RootRelativeJoints(Representation):
    """``keypoints3d``."""

    needs = ('keypoints3d', )

    def encode(self, track: HumanTrack) -> np.ndarray:
        relative = track.keypoints3d - self.path(track)[:, None]
        return relative.reshape(len(track), 3 * relative.shape[1])

    def decode(self, track: HumanTrack, values: np.ndarray, path: np.ndarray | None) -> HumanTrack:
        joints = values.reshape(track.keypoints3d.shape) + (self.path(track) if path is None else path)[:, None]
        return track.replace(keypoints3d=joints)

    def path(self, track: HumanTrack) -> np.ndarray:
        return track.keypoints3d[:, root_joints(track.keypoints3d_skeleton)].mean(1)


class ImageJoints(Representation):
    """``keypoints2d``; confidences stay."""

    needs = ('keypoints2d', 'image_size')

    def encode(self, track: HumanTrack) -> np.ndarray:
        center, half = self._frame(track)
        points = (track.keypoints2d[..., :2] - center) / half
        return points.reshape(len(track), 2 * points.shape[1]).astype(np.float32)

    def decode(self, track: HumanTrack, values: np.ndarray, path: np.ndarray | None) -> HumanTrack:
        center, half = self._frame(track)
        points = values.reshape(*track.keypoints2d.shape[:2], 2) * half + center
        return track.replace(keypoints2d=np.concatenate([points, track.keypoints2d[..., 2:]], -1))

    def path(self, track: HumanTrack) -> None:
        return None

    @staticmethod
    def _frame(track: HumanTrack) -> tuple[np.ndarray, float]:
        size = np.array(track.image_size, np.float32)
        return size / 2, float(size.max()) / 2


REPRESENTATIONS: dict[str, Representation] = dict(
    smpl=SMPLRotations(), keypoints3d=RootRelativeJoints(), keypoints2d=ImageJoints())


def root_joints(skeleton: str) -> list[int]:
    """Joints whose mean is the root: the pelvis, or both hips where a skeleton has none."""
    names = get_skeleton(skeleton).joint_names
    for name in ('pelvis', 'mid_hip'):
        if name in names:
            return [names.index(name)]
    return [names.index('right_hip'), names.index('left_hip')]
