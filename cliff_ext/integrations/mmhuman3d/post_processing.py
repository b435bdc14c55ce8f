"""Our track transforms as mmhuman3d's post-processing: smoothing, learned refinement, infill.

    smooth_cfg = dict(type='cliff_ext.OneEuro', min_cutoff=0.04, beta=0.7)

Options are the track transform's own, and those of :class:`TrackPostProcessing`.

Convention:
    mmhuman3d hands over arrays or tensors of one person, (T, 24, 9) or (T, 24, 3, 3) rotation matrices, (T, 24, 6) their
    first two rows, or (T, K, 3) positions: joints, vertices, a camera. Frames in which a person was not seen are zeros; here
    a frame of zeros or NaN is a gap: filters do not reach across it, infill fills it. Results have the input's shape, type
    and device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from cliff_ext.geometry import rot6d_to_rotmat, rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import TrackTransform
from cliff_ext.tracks.classical import ClassicalFilter

from .registries import POST_PROCESSING

Sequence = TypeVar('Sequence', np.ndarray, Tensor)
NAMES = ('Gaussian1D', 'Infill', 'LearnedRefine', 'OneEuro', 'SavitzkyGolay')
"""Track transforms that work on one person's pose."""
JOINTS = 24


class TrackPostProcessing:
    """Runs a track transform over one person's array.

    Rotations, and joints of a ``skeleton``, are a track's and go through the transform. Other positions, such as vertices
    and cameras, go through it if it is a classical filter and through its ``path`` filter if it is a network.

    Args:
        transform: The track transform.
        skeleton: (T, K, 3) are this skeleton's joints.
        axis_angle: (T, 24, 3) are rotations, axis times angle, rather than positions.
        interval: Only every so manieth frame was estimated, as mmhuman3d's speed-up does; the others are taken for unseen.
        device: As torch's.
    """

    def __init__(self, transform: TrackTransform, skeleton: str | None = None, axis_angle: bool = False, interval: int = 1,
                 device: str | torch.device = 'cpu') -> None:
        if interval < 1:
            raise ValueError(f'interval must be at least 1 frame, got {interval}')
        self.transform = transform.to(str(device))
        self.skeleton, self.axis_angle, self.interval = skeleton, axis_angle, interval

    def __call__(self, x: Sequence) -> Sequence:
        """(T, K, C), or (T, 24, 3, 3).

        Raises:
            ValueError: Another shape.
        """
        if isinstance(x, Tensor):
            return torch.from_numpy(self(x.detach().cpu().numpy())).to(x)
        rotations, seen, result = self._are_rotations(x.shape), self._seen(x), x.copy()
        frames = np.flatnonzero(seen)
        if not len(frames):
            return result
        if rotations:
            track = self._run(frames, **_rotation_fields(x[frames]))
            result[track.frame_ids] = _rotations_as(track, x.shape[1:])
        elif self.skeleton is not None:
            track = self._run(frames, keypoints3d=x[frames], keypoints3d_skeleton=self.skeleton)
            result[track.frame_ids] = track.keypoints3d
        elif (smooth := self._positions_filter()) is not None:
            for run in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1):
                result[run] = smooth(x[run])
        return result

    def _are_rotations(self, shape: tuple[int, ...]) -> bool:
        row = shape[1:]
        if row in ((JOINTS, 9), (JOINTS, 3, 3), (JOINTS, 6)) or (row == (JOINTS, 3) and self.axis_angle):
            return True
        if len(row) != 2 or row[1] != 3:
            raise ValueError(f'post-processing takes rotations (T, {JOINTS}, 9), (T, {JOINTS}, 3, 3) or (T, {JOINTS}, 6), '
                             f'or positions (T, K, 3); got {shape}')
        return False

    def _seen(self, x: np.ndarray) -> np.ndarray:
        """(T,) bool. After the last whole interval every frame was estimated, as in mmhuman3d."""
        flat = x.reshape(len(x), -1)
        frames = np.arange(len(x))
        last = (len(x) - 1) // self.interval * self.interval
        estimated = (frames % self.interval == 0) | (frames > last)
        return estimated & np.isfinite(flat).all(1) & (flat != 0).any(1)

    def _run(self, frames: np.ndarray, **fields: Any) -> HumanTrack:
        count = len(frames)
        unknown = dict(bboxes=np.zeros((count, 4)), scores=np.ones(count), filled=np.zeros(count, bool))
        track, = self.transform.apply([HumanTrack(0, frames, **unknown, **fields)])
        return track

    def _positions_filter(self) -> Callable[[np.ndarray], np.ndarray] | None:
        if isinstance(self.transform, ClassicalFilter):
            return self.transform.smooth
        path = getattr(self.transform, 'path_filter', None)
        return None if path is None else path.smooth


def _rotation_fields(x: np.ndarray) -> dict[str, np.ndarray]:
    """Rotations of any kind to SMPL's two fields."""
    values = torch.from_numpy(x.reshape(len(x), JOINTS, -1).astype(np.float32))
    if values.shape[-1] == 3:
        rotmats = rotvec_to_rotmat(values)
    elif values.shape[-1] == 6:
        rotmats = rot6d_to_rotmat(values.unflatten(-1, (2, 3)).mT.flatten(-2)).mT
    else:
        rotmats = values.unflatten(-1, (3, 3))
    return dict(global_orient=rotmats[:, 0].numpy(), body_pose=rotmats[:, 1:].numpy())


def _rotations_as(track: HumanTrack, row: tuple[int, ...]) -> np.ndarray:
    """The inverse of :func:`_rotation_fields`, rows of the shape (24, 3), (24, 6), (24, 9) or (24, 3, 3)."""
    rotmats = np.concatenate([track.global_orient[:, None], track.body_pose], 1)
    if row == (JOINTS, 3):
        rotmats = rotmat_to_rotvec(torch.from_numpy(rotmats)).numpy()
    elif row == (JOINTS, 6):
        rotmats = rotmats[..., :2, :]
    return rotmats.reshape(-1, *row)


def _register(name: str) -> None:
    def build(skeleton: str | None = None, axis_angle: bool = False, interval: int = 1, device: str | torch.device = 'cpu',
              **options: Any) -> TrackPostProcessing:
        transform = TRACK_TRANSFORMS.build(dict(type=name, **options))
        return TrackPostProcessing(transform, skeleton, axis_angle, interval, device)

    POST_PROCESSING.register_module(name=name, module=build)


for _name in NAMES:
    _register(_name)
