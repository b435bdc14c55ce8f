"""Tracks that move, and tiny refiners."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.models.refiners import PoseRefiner, RefinerOutput
from cliff_ext.structures import HumanTrack


class Scaled(PoseRefiner):
    """Multiplies poses; remembers the shapes it was given."""

    def __init__(self, factor: float = 1., window_size: int = 4, in_channels: int | None = None) -> None:
        super().__init__(window_size, 1, 16, None, None, None)
        self.weight = torch.nn.Parameter(torch.tensor(factor))
        self.in_channels = in_channels
        self.seen: list[tuple[int, ...]] = []

    def refine_windows(self, windows: torch.Tensor) -> RefinerOutput:
        self.seen.append(tuple(windows.shape))
        return RefinerOutput(windows * self.weight)

    def losses(self, output: RefinerOutput, target: torch.Tensor) -> dict[str, torch.Tensor]:
        return dict(loss=(output.refined - target).abs().mean())


@pytest.fixture
def scaled():
    """Makes a :class:`Scaled`."""
    return Scaled


def turning(frames: np.ndarray, speed: float = 0.02) -> np.ndarray:
    """Rotations (T, 3, 3) about a slanted axis at constant speed, radians a frame."""
    axis = np.array([1., 2., 2.]) / 3
    return rotvec_to_rotmat(torch.from_numpy(np.asarray(frames)[:, None] * speed * axis)).numpy()


@pytest.fixture
def moving():
    """A person who walks and turns steadily, with every field a track can have."""

    def make(frames=range(12), track_id: int = 0, noise: float = 0., seed: int = 0, **changes) -> HumanTrack:
        t = np.array(list(frames), np.int64)
        rng = np.random.default_rng(seed)
        line = t[:, None] * np.array([0.01, 0., 0.02])
        skeleton = rng.normal(size=(17, 3))
        skeleton -= skeleton[0]
        fields = dict(
            track_id=track_id, frame_ids=t, scores=np.full(len(t), 0.9), filled=np.zeros(len(t), bool),
            bboxes=np.array([20., 10., 60., 110.]) + 2. * t[:, None] * np.array([1., 0., 1., 0.]),
            global_orient=turning(t, 0.03), body_pose=np.stack([turning(t, 0.002 * j) for j in range(23)], 1),
            betas=np.tile(np.linspace(-1, 1, 10), (len(t), 1)), transl=line + [0., 0., 3.],
            focal_length=np.full(len(t), 500.), image_size=(640, 480),
            keypoints3d=skeleton + line[:, None], keypoints3d_skeleton='h36m17',
            keypoints2d=np.concatenate([rng.uniform(0, 400, (17, 2)) + t[:, None, None] * [2., 0.],
                                        np.full((len(t), 17, 1), 0.5)], -1), keypoints2d_skeleton='coco17')
        for name in ('transl', 'keypoints3d'):
            fields[name] = fields[name] + noise * rng.normal(size=fields[name].shape)
        return HumanTrack(**{**fields, **changes})

    return make
