"""Readers of pose sequences: SmoothNet's layout, the same over several views, and flat arrays of mocap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cliff_ext.geometry import rotmat_to_rot6d, rotvec_to_rotmat
from cliff_ext.io import load_object_arrays
from cliff_ext.registry import DATASETS

from .pose_sources import KEYS, REPRESENTATIONS, PoseSource, get_source

SQUARE_IMAGE = 1000
"""Side in pixels that Human3.6M's 2D joints are divided by."""

Z_UP_TO_Y_DOWN = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)


@dataclass
class PoseSequence:
    """One person's (or one multi-view recording's) poses through time.

    Attributes:
        name: Unique within its file.
        truth: (T, C) or (V, T, C) float32; NaN where the truth is unknown.
        detected: The estimator's poses, same shape, finite; None for clean motion.
        extras: What metrics need besides, e.g. ``betas`` (T, 10) of the estimator, ``gt_betas``, ``gt_scaling`` (T,),
            ``bboxes`` (T, 4) and ``image_size`` (2,) as width and height in pixels.
        filled: Frames of ``detected`` that were not finite and were interpolated.
    """

    name: str
    truth: np.ndarray
    detected: np.ndarray | None = None
    extras: dict[str, np.ndarray] = field(default_factory=dict)
    filled: int = 0

    def __post_init__(self) -> None:
        if self.truth.ndim not in (2, 3) or not self.truth.shape[-2]:
            raise ValueError(f'sequence {self.name}: poses must be (T, C) or (V, T, C) with T > 0, got {self.truth.shape}')
        if self.detected is None:
            return
        if self.detected.shape != self.truth.shape:
            raise ValueError(f'sequence {self.name}: the estimator gives {self.detected.shape}, the truth '
                             f'{self.truth.shape}; both must have the same frames and joints')
        self.detected, self.filled = fill_gaps(self.detected, self.name)

    def __len__(self) -> int:
        return self.truth.shape[-2]


def fill_gaps(poses: np.ndarray, name: str) -> tuple[np.ndarray, int]:
    """Interpolates frames that are not finite, linearly; the first and last good frame are held at the ends.

    Args:
        poses: (..., T, C).
        name: For the message.

    Returns:
        The poses without gaps, and how many frames were gaps.

    Raises:
        ValueError: No frame is finite.
    """
    good = np.isfinite(poses).all(-1).reshape(-1, poses.shape[-2]).all(0)
    if good.all():
        return poses, 0
    if not good.any():
        raise ValueError(f'sequence {name}: no frame is finite; leave it out')
    frames, known = np.arange(len(good)), np.flatnonzero(good)
    flat = poses.reshape(-1, len(good), poses.shape[-1]).copy()
    for view in flat:
        for column in view.T:
            column[~good] = np.interp(frames[~good], known, column[known])
    return flat.reshape(poses.shape), int((~good).sum())


def pose_to_rot6d(pose: np.ndarray) -> np.ndarray:
    """Axis-angle (..., K·3), radians, to 6D rotations (..., K·6) float32; rows that are not finite become NaN."""
    rotvec = torch.from_numpy(np.asarray(pose, np.float64)).unflatten(-1, (-1, 3))
    bad = ~rotvec.isfinite().all(-1)
    rot6d = rotmat_to_rot6d(rotvec_to_rotmat(rotvec.nan_to_num(0., 0., 0.)))
    rot6d[bad] = torch.nan
    return rot6d.flatten(-2).float().numpy()


@DATASETS.register_module()
class SmoothNetLayout:
    """SmoothNet's files, ``DATA_ROOT/NAME/{detected,groundtruth}/…_{train,test}.npz`` with one array a sequence.

    3D joints stay in metres as they are; 2D joints become [−1, 1] of a 1000-pixel image (Human3.6M) or [−0.5, 0.5] of the
    frame (JHMDB); SMPL poses become 6D rotations of 24 joints.

    Args:
        dataset, estimator, representation: A cell of :data:`cliff_ext.datasets.pose_sources.SOURCES`.
        split: ``train`` or ``test``.
        data_root: Where the folders lie.

    Raises:
        ValueError: No such cell, or the cell has no such split.
        FileNotFoundError: The files are missing; the message says where they come from.
    """

    def __init__(self, dataset: str, estimator: str, representation: str, split: str,
                 data_root: str | Path = 'data/poses') -> None:
        self.source = get_source(dataset, estimator, representation)
        if split not in self.source.splits:
            raise ValueError(f'{self.source.name} has no {split} files, only {", ".join(self.source.splits)}')
        self.split = split
        self.folder = Path(data_root) / self.source.name
        self.representation = REPRESENTATIONS[representation]

    @property
    def metainfo(self) -> dict[str, Any]:
        """``representation``, ``root`` (joints), ``image`` and ``skeleton``."""
        return dict(representation=self.representation, root=self.source.root, image=self.source.image,
                    skeleton=self.source.skeleton)

    def load(self) -> list[PoseSequence]:
        """Reads both files."""
        truth, detected = (self._read(*place) for place in (('groundtruth', 'gt'), ('detected', self.source.estimator)))
        key = KEYS[self.representation]
        for arrays, place in ((truth, 'groundtruth'), (detected, 'detected')):
            if key not in arrays:
                raise ValueError(f'{self.folder / place}: the {self.split} file has no {key}, it has {", ".join(arrays)}')
        if len(truth[key]) != len(detected[key]):
            raise ValueError(f'{self.folder}: {len(truth[key])} true sequences, {len(detected[key])} detected')
        convert = _converter(self.source)
        sequences = []
        for i, (true, found) in enumerate(zip(truth[key], detected[key], strict=True)):
            image_size = _image_size(truth, i)
            extras = _extras(truth, detected, i, image_size)
            sequences.append(PoseSequence(_sequence_name(truth, i), convert(true, image_size), convert(found, image_size),
                                          extras))
        return sequences

    def _read(self, place: str, who: str) -> dict[str, Any]:
        path = self.folder / place / f'{self.source.dataset}_{who}_{self.source.representation}_{self.split}.npz'
        if not path.is_file():
            raise FileNotFoundError(f'{path} is missing: get it through the readme of cure-lab/SmoothNet, and put its '
                                    'folder under data_root, or set data_root')
        return load_object_arrays(path)


@DATASETS.register_module()
class MultiViewLayout(SmoothNetLayout):
    """The same files with the cameras of one recording stacked, (V, T, C), cut to the shortest.

    A recording's sequences share their first image's name up to the word ``camera``, as Human3.6M's files have it.
    Recordings with fewer cameras than ``views`` are left out.

    Args:
        views: Cameras a recording.
    """

    def __init__(self, dataset: str, estimator: str, representation: str, split: str,
                 data_root: str | Path = 'data/poses', views: int = 4) -> None:
        super().__init__(dataset, estimator, representation, split, data_root)
        self.views = views

    def load(self) -> list[PoseSequence]:
        """Reads both files and stacks the views."""
        groups: dict[str, list[PoseSequence]] = {}
        for sequence in super().load():
            if 'camera' not in sequence.name:
                raise ValueError(f'{self.folder}: {sequence.name} names no camera, so its other views cannot be found; use '
                                 'SmoothNetLayout for single views')
            groups.setdefault(sequence.name.split('camera')[0], []).append(sequence)
        whole = {name: views for name, views in groups.items() if len(views) == self.views}
        if not whole:
            raise ValueError(f'{self.folder}: no recording has {self.views} views; they have '
                             f'{sorted({len(v) for v in groups.values()})}')
        return [_stack(name, views) for name, views in whole.items()]


@DATASETS.register_module()
class FlatLayout:
    """Clean motion in one npz without pickle: rows of all sequences behind each other, cut by ``offsets``.

    The world with z up becomes the camera frame with y down, (x, y, z) to (x, −z, y), as tracks have it.

    Args:
        file: npz with ``offsets`` (S+1,), ``names`` (S,), and ``joints_3d`` (N, K, 3) metres or ``smpl_pose`` (N, 72)
            axis-angle.
        representation: ``3D`` or ``smpl``.
        skeleton: Joint order of ``joints_3d``.
        root: Joints whose mean is the root.

    Raises:
        FileNotFoundError: No such file.
        ValueError: An array is missing or does not fit the offsets.
    """

    def __init__(self, file: str | Path, representation: str, skeleton: str = 'h36m17',
                 root: Sequence[int] = (0, )) -> None:
        self.file = Path(file)
        if representation not in ('3D', 'smpl'):
            raise ValueError(f"representation must be '3D' or 'smpl' for a flat layout, got {representation!r}")
        self.representation = REPRESENTATIONS[representation]
        self.key = dict(keypoints3d='joints_3d', smpl='smpl_pose')[self.representation]
        self.skeleton = skeleton if self.representation == 'keypoints3d' else 'smpl24'
        self.root = tuple(root)

    @property
    def metainfo(self) -> dict[str, Any]:
        """``representation``, ``root`` (joints), ``image`` (None) and ``skeleton``."""
        return dict(representation=self.representation, root=self.root, image=None, skeleton=self.skeleton)

    def load(self) -> list[PoseSequence]:
        """Reads the file."""
        if not self.file.is_file():
            raise FileNotFoundError(f'{self.file} is missing; give layout.file another path with --cfg-options')
        with np.load(self.file, allow_pickle=False) as content:
            missing = [key for key in ('offsets', 'names', self.key) if key not in content]
            if missing:
                raise ValueError(f'{self.file} has no {", ".join(missing)}; it has {", ".join(content)}')
            rows, offsets, names = content[self.key], content['offsets'], content['names']
        if len(offsets) != len(names) + 1 or offsets[0] != 0 or offsets[-1] != len(rows) or (np.diff(offsets) <= 0).any():
            raise ValueError(f'{self.file}: offsets must rise from 0 to {len(rows)} in {len(names)} steps')
        poses = self._to_camera(rows)
        return [PoseSequence(str(name), poses[a:b])
                for name, a, b in zip(names, offsets[:-1], offsets[1:], strict=True)]

    def _to_camera(self, rows: np.ndarray) -> np.ndarray:
        """(N, C) float32."""
        if self.representation == 'keypoints3d':
            return (rows.astype(np.float32) @ Z_UP_TO_Y_DOWN.T).reshape(len(rows), -1)
        rot6d = pose_to_rot6d(rows.reshape(len(rows), -1))
        root = Z_UP_TO_Y_DOWN @ rot6d[:, :6].reshape(-1, 3, 2)
        return np.concatenate([root.reshape(-1, 6), rot6d[:, 6:]], 1)


def _converter(source: PoseSource) -> Callable[[np.ndarray, np.ndarray | None], np.ndarray]:
    """From a file's rows of one sequence to the network's coordinates (T, C)."""
    if source.representation == 'smpl':
        return lambda rows, size: pose_to_rot6d(np.asarray(rows).reshape(len(rows), -1))
    dims = int(source.representation[0])

    def convert(rows: np.ndarray, size: np.ndarray | None) -> np.ndarray:
        points = np.asarray(rows, np.float32).reshape(len(rows), -1, dims)
        if source.order is not None:
            points = points[:, list(source.order)]
        if source.image == 'square':
            points = points / (SQUARE_IMAGE / 2) - 1
        if source.image == 'frame':
            if size is None:
                raise ValueError(f'{source.name}: the true file has no imgshape, which the 2D joints are divided by')
            points = points / size - 0.5
        return points.reshape(len(points), -1).astype(np.float32)

    return convert


def _sequence_name(arrays: dict[str, Any], index: int) -> str:
    names = arrays.get('imgname')
    return str(index) if names is None or not len(names[index]) else str(np.ravel(names[index])[0])


def _image_size(arrays: dict[str, Any], index: int) -> np.ndarray | None:
    """Width and height in pixels; files hold height first."""
    return np.asarray(arrays['imgshape'][index], np.float32)[[1, 0]] if 'imgshape' in arrays else None


def _extras(truth: dict[str, Any], detected: dict[str, Any], index: int,
            image_size: np.ndarray | None) -> dict[str, np.ndarray]:
    wanted = dict(betas=(detected, 'shape'), gt_betas=(truth, 'shape'), gt_scaling=(truth, 'scaling'),
                  bboxes=(truth, 'bbox'))
    extras = {name: np.asarray(arrays[key][index], np.float32)
              for name, (arrays, key) in wanted.items() if key in arrays}
    if image_size is not None:
        extras['image_size'] = image_size
    return extras


def _stack(name: str, views: Sequence[PoseSequence]) -> PoseSequence:
    frames = min(len(view) for view in views)
    truth, detected = (np.stack([getattr(view, part)[:frames] for view in views]) for part in ('truth', 'detected'))
    return PoseSequence(name, truth, detected)
