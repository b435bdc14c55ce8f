"""The layouts of pose files: our tracks, CLIFF's demo, SmoothNet's, and flat mocap arrays. One door for all of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cliff_ext.geometry import rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.structures import get_skeleton, list_skeletons

from .object_arrays import load_object_arrays, object_array
from .pose_table import Column, Fields, Plan, PoseFile, plain_column
from .track_file import KEYPOINTS, ROWS

UPRIGHT = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
"""From a world with z up to the camera frame with y down: (x, y, z) -> (x, -z, y)."""
SQUARE = (1000, 1000)
"""Image size that SmoothNet's 2D files are taken to have where they give none, as Human3.6M's."""
ROTATIONS = ('global_orient', 'body_pose')


def open_pose_file(path: str | Path) -> PoseFile:
    """Reads a pose file of any known layout.

    Layouts: our tracks file (:func:`cliff_ext.io.load_tracks`); CLIFF's demo npz (``pose``, ``shape``, ``global_t``,
    ``focal_l``, ``pred_joints``, ``detection_all``); SmoothNet's (``joints_3d``, ``joints_2d`` or ``pose``, one array a
    sequence); flat (``offsets`` and ``joints_3d`` or ``smpl_pose``, ``root_trans``, z up).

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: An object array that could run code.
        ValueError: No known layout, or one that contradicts itself; the message says what.
    """
    arrays = load_object_arrays(path)
    for layout in LAYOUTS:
        if layout.fits(arrays):
            return layout(Path(path), arrays)
    raise ValueError(f'{path} has none of the known layouts (tracks of cliff_ext, CLIFF demo, SmoothNet, flat mocap); it '
                     f'holds {", ".join(arrays) or "nothing"}')


def _rotations(key: str, world: np.ndarray | None = None) -> Column:
    """SMPL's 24 rotations as axis-angle (N, 72) or matrices (N, 24, 3, 3); ``world`` turns the first one's frame."""
    turn = np.eye(3, dtype=np.float32) if world is None else world
    matrices = False

    def decode(array: np.ndarray) -> Fields:
        nonlocal matrices
        matrices = math.prod(array.shape[1:]) == 24 * 9
        rows = torch.from_numpy(array.astype(np.float32)).reshape(len(array), 24, *((3, 3) if matrices else (3, )))
        rotmats = rows.numpy() if matrices else rotvec_to_rotmat(rows).numpy()
        return dict(global_orient=turn @ rotmats[:, 0], body_pose=rotmats[:, 1:])

    def encode(fields: Fields) -> np.ndarray:
        rotmats = np.concatenate([(turn.T @ fields['global_orient'])[:, None], fields['body_pose']], 1)
        return rotmats if matrices else rotmat_to_rotvec(torch.from_numpy(rotmats)).numpy()

    return Column(key, ROTATIONS, decode, encode)


def _joints3d(key: str, world: np.ndarray | None = None) -> Column:
    turn = np.eye(3, dtype=np.float32) if world is None else world
    return Column(key, ('keypoints3d', ), lambda a: dict(keypoints3d=_points(a, 3) @ turn.T),
                  lambda f: f['keypoints3d'] @ turn)


def _points(array: np.ndarray, dims: int) -> np.ndarray:
    """Rows (N, ...) of joints as (N, K, dims) float32."""
    return array.reshape(len(array), math.prod(array.shape[1:]) // dims, dims).astype(np.float32)


def _skeleton(path: Path, count: int, near: tuple[str, ...]) -> str:
    """The convention of a file that gives only the number of joints."""
    for name in near:
        if len(get_skeleton(name)) == count:
            return name
    raise ValueError(f'{path}: no known skeleton for {count} joints; known: ' + ', '.join(
        f'{name} ({len(get_skeleton(name))})' for name in list_skeletons()))


class TracksLayout(PoseFile):
    """Our own tracks file."""

    @classmethod
    def fits(cls, arrays: dict[str, Any]) -> bool:
        return {'offsets', 'track_ids', 'frame_ids', 'bboxes'} <= arrays.keys()

    def layout(self) -> list[Column]:
        return [plain_column(name) for name in (*ROWS, *KEYPOINTS)]

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        counts = _counts(self.path, self.arrays['offsets'], len(self.arrays['frame_ids']))
        if len(counts) != len(self.arrays['track_ids']):
            raise ValueError(f'{self.path}: {len(self.arrays["track_ids"])} track_ids for {len(counts)} people')
        return np.repeat(self.arrays['track_ids'], counts), self.arrays['frame_ids'].astype(np.int64)

    def row_arrays(self) -> dict[str, np.ndarray]:
        fixed = ('offsets', 'track_ids', 'frame_ids', 'image_size')
        return {key: array for key, array in self.arrays.items()
                if key not in fixed and np.ndim(array) and len(array) == len(self.arrays['frame_ids'])}

    def describe(self, identity: int) -> dict[str, Any]:
        names = {f'{key}_skeleton': str(self.arrays[f'{key}_skeleton']) for key in KEYPOINTS if key in self.arrays}
        size = self.arrays.get('image_size')
        return {**names, **({} if size is None else dict(image_size=tuple(int(v) for v in size)))}

    def assemble(self, rows: dict[str, np.ndarray], plan: Plan) -> dict[str, np.ndarray]:
        people = list(dict.fromkeys(plan.identity.tolist()))
        offsets = np.cumsum([0, *(int((plan.identity == person).sum()) for person in people)]).astype(np.int64)
        return {**self.arrays, **rows, 'offsets': offsets, 'track_ids': np.array(people, np.int64), 'frame_ids': plan.frame}


class CliffLayout(PoseFile):
    """The npz of CLIFF's demo; rows of ``detection_all``: frame, box, score, nms, person."""

    @classmethod
    def fits(cls, arrays: dict[str, Any]) -> bool:
        return {'pose', 'global_t', 'detection_all'} <= arrays.keys()

    def layout(self) -> list[Column]:
        columns = [_rotations('pose'), plain_column('shape', 'betas'), plain_column('global_t', 'transl'),
                   plain_column('focal_l', 'focal_length'),
                   Column('detection_all', ('bboxes', 'scores'), lambda a: dict(bboxes=a[:, 1:5], scores=a[:, 5]),
                          self._detection)]
        joints = self.arrays.get('pred_joints')
        known = joints is not None and joints.shape[1] in [len(get_skeleton(name)) for name in self.SKELETONS]
        return [*columns, _joints3d('pred_joints')] if known else columns

    SKELETONS = ('smpl24', 'spin49', 'h36m17', 'lsp14')

    @staticmethod
    def _detection(fields: Fields) -> np.ndarray:
        blank = np.zeros((len(fields['scores']), 1))
        return np.concatenate([blank, fields['bboxes'], fields['scores'][:, None], blank + 1, blank], 1)

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        rows = self.arrays['detection_all']
        if rows.ndim != 2 or rows.shape[1] != 8 or not np.isfinite(rows[:, [0, 7]]).all():
            raise ValueError(f'{self.path}: detection_all must be rows of frame, x1, y1, x2, y2, score, nms, person, with '
                             f'finite frames and persons; got shape {rows.shape}')
        return rows[:, 7].astype(np.int64), rows[:, 0].astype(np.int64)

    def row_arrays(self) -> dict[str, np.ndarray]:
        count = len(self.arrays['detection_all'])
        return {key: array for key, array in self.arrays.items() if np.ndim(array) and len(array) == count}

    def describe(self, identity: int) -> dict[str, Any]:
        if not any(column.key == 'pred_joints' for column in self.columns):
            return {}
        return dict(keypoints3d_skeleton=_skeleton(self.path, self.arrays['pred_joints'].shape[1], self.SKELETONS))

    def assemble(self, rows: dict[str, np.ndarray], plan: Plan) -> dict[str, np.ndarray]:
        rows['detection_all'][:, 0], rows['detection_all'][:, 7] = plan.frame, plan.identity
        names = {int(frame): name for frame, name in zip(self.frame, self.arrays.get('imgname', ()), strict=False)}
        for row in np.flatnonzero(plan.source < 0) if 'imgname' in rows else ():
            rows['imgname'][row] = names.get(int(plan.frame[row]), '')
        order = np.lexsort((plan.identity, plan.frame))
        return {**self.arrays, **{key: array[order] for key, array in rows.items()}}


class FlatLayout(PoseFile):
    """Rows of all sequences behind each other, z up; sequence s is rows ``offsets[s]:offsets[s + 1]``, person s."""

    @classmethod
    def fits(cls, arrays: dict[str, Any]) -> bool:
        return 'offsets' in arrays and bool({'joints_3d', 'smpl_pose'} & arrays.keys())

    def layout(self) -> list[Column]:
        return [_joints3d('joints_3d', UPRIGHT), _rotations('smpl_pose', UPRIGHT),
                Column('root_trans', ('transl', ), lambda a: dict(transl=a.astype(np.float32) @ UPRIGHT.T),
                       lambda f: f['transl'] @ UPRIGHT)]

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        count = len(self.arrays.get('joints_3d', self.arrays.get('smpl_pose')))
        counts = _counts(self.path, self.arrays['offsets'], count)
        frames = np.concatenate([np.empty(0, np.int64), *(np.arange(n) for n in counts)])
        return np.repeat(np.arange(len(counts)), counts), frames

    def row_arrays(self) -> dict[str, np.ndarray]:
        return {key: array for key, array in self.arrays.items()
                if key != 'offsets' and np.ndim(array) and len(array) == len(self.frame)}

    def describe(self, identity: int) -> dict[str, Any]:
        if 'joints_3d' not in self.arrays:
            return {}
        count = math.prod(self.arrays['joints_3d'].shape[1:]) // 3
        return dict(keypoints3d_skeleton=_skeleton(self.path, count, ('h36m17', 'smpl24', 'lsp14', 'spin49')))

    def assemble(self, rows: dict[str, np.ndarray], plan: Plan) -> dict[str, np.ndarray]:
        order = np.lexsort((plan.frame, plan.identity))
        return {**self.arrays, **{key: array[order] for key, array in rows.items()}}


class SmoothNetLayout(PoseFile):
    """One array a sequence: ``joints_3d`` (T, K*3) metres, ``joints_2d`` (T, K*2) pixels, ``pose`` (T, 72), ``shape``.

    Sequences are views of one recording if their first image's names agree up to the word ``camera``, as Human3.6M's do.
    """

    KEYS = ('joints_3d', 'joints_2d', 'pose')

    @classmethod
    def fits(cls, arrays: dict[str, Any]) -> bool:
        return any(isinstance(arrays.get(key), list) or np.ndim(arrays.get(key)) == 3 for key in cls.KEYS)

    def layout(self) -> list[Column]:
        return [_joints3d('joints_3d'), _rotations('pose'), plain_column('shape', 'betas'),
                Column('joints_2d', ('keypoints2d', ), _with_confidence, lambda f: f['keypoints2d'][..., :2])]

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        key = next(key for key in self.KEYS if key in self.arrays)
        self.lengths = [len(sequence) for sequence in self.arrays[key]]
        for other in (*self.KEYS, 'shape'):
            if [len(sequence) for sequence in self.arrays.get(other, self.arrays[key])] != self.lengths:
                raise ValueError(f'{self.path}: the sequences of {other} and {key} differ in length')
        if not self.lengths:
            raise ValueError(f'{self.path} holds no sequences')
        frames = np.concatenate([np.empty(0, np.int64), *(np.arange(n) for n in self.lengths)])
        return np.repeat(np.arange(len(self.lengths)), self.lengths), frames

    def row_arrays(self) -> dict[str, np.ndarray]:
        return {key: np.concatenate([np.asarray(part).reshape(len(part), -1) for part in array if len(part)])
                for key, array in self.arrays.items() if key in (*self.KEYS, 'shape')}

    def describe(self, identity: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        three = ('mpi3dhp17', ) if self.path.name.startswith(('mpiinf3dhp', 'mupots')) else ('h36m17', )
        for key, name, size, near in (('joints_3d', 'keypoints3d_skeleton', 3, (*three, 'lsp14', 'smpl24', 'spin49')),
                                      ('joints_2d', 'keypoints2d_skeleton', 2, ('h36m17', 'jhmdb15', 'coco17', 'lsp14'))):
            if key in self.arrays:
                count = np.asarray(self.arrays[key][identity])[:1].size // size
                found[name] = _skeleton(self.path, count, near)
        if 'joints_2d' in self.arrays:
            shape = self.arrays.get('imgshape')
            found['image_size'] = SQUARE if shape is None else tuple(int(v) for v in np.asarray(shape[identity])[[1, 0]])
        return found

    def recordings(self) -> dict[int, int]:
        firsts: dict[str, int] = {}
        names = self.arrays.get('imgname')
        found = {}
        for track in self.tracks:
            name = '' if names is None else str(np.ravel(names[track.track_id])[0])
            scene = name.split('camera')[0] if 'camera' in name else f'{track.track_id}'
            found[track.track_id] = firsts.setdefault(scene, track.track_id)
        return found

    def assemble(self, rows: dict[str, np.ndarray], plan: Plan) -> dict[str, np.ndarray]:
        order = np.lexsort((plan.frame, plan.identity))
        bounds = np.cumsum(self.lengths)[:-1]
        content = {key: object_array(array) if isinstance(array, list) else array for key, array in self.arrays.items()}
        for key, array in rows.items():
            parts = [part.reshape(np.shape(old)) for part, old in zip(np.split(array[order], bounds), self.arrays[key],
                                                                      strict=True)]
            content[key] = object_array(parts) if isinstance(self.arrays[key], list) else np.stack(parts)
        return content


LAYOUTS: tuple[type[PoseFile], ...] = (TracksLayout, CliffLayout, FlatLayout, SmoothNetLayout)


def _with_confidence(array: np.ndarray) -> Fields:
    points = _points(array, 2)
    return dict(keypoints2d=np.concatenate([points, np.ones_like(points[..., :1])], -1))


def _counts(path: Path, offsets: np.ndarray, rows: int) -> np.ndarray:
    """Rows of each sequence, after a look at whether the offsets make sense."""
    counts = np.diff(offsets)
    if offsets.ndim != 1 or not len(offsets) or offsets[0] != 0 or offsets[-1] != rows or (counts < 0).any():
        raise ValueError(f'{path}: offsets must rise from 0 to {rows}, the number of rows')
    return counts
