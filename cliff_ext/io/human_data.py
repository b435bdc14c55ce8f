"""Annotations of people in images, as columns; in and out of mmhuman3d's HumanData npz, without mmhuman3d."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

import numpy as np

from cliff_ext.structures import get_skeleton

from .atomic import atomic_path
from .human_data_joints import from_human_data, to_human_data
from .object_arrays import load_object_arrays

GENDERS = {'n': 'neutral', 'm': 'male', 'f': 'female'}
"""By the letter that files hold."""
ROWS = dict(bbox=(4, ), scores=(), global_orient=(3, ), body_pose=(23, 3), betas=(10, ), transl=(3, ), focal_length=(),
            image_size=(2, ))
"""Shape of a row of each column of numbers."""
KEYPOINTS = dict(keypoints2d=3, keypoints3d=4, keypoints3d_eval=4)
"""Numbers that a joint has in each column of keypoints."""
FLAGS = ('has_smpl', 'has_betas', 'has_transl')
TEXTS = ('gender', 'sequence', 'action')
COLUMNS = ('image_path', *ROWS, *KEYPOINTS, *FLAGS, *TEXTS, 'frame_id')
"""What has a row for each person; the rest is of the whole data set."""


@dataclass
class HumanData:
    """N people in images, one row each.

    Convention:
        Pixels of the full image, whose upper left corner (not the first pixel's middle) is (0, 0). Camera frame x right,
        y down, z forward; metres; principal point at the image's centre. Rotations are axis-angle in radians, as the files
        have them. Confidence 0 means that a joint is not known.

    Attributes:
        image_path: (N,) relative to the data set's image folder.
        bbox: (N, 4) xyxy.
        dataset: Name of the data set.
        scores: (N,) confidence of each person's annotation, in [0, 1].
        keypoints2d: (N, K, 3) x, y, confidence; ``keypoints2d_skeleton`` names the joints.
        keypoints3d: (N, K, 4) x, y, z along the camera's axes, from any origin, and confidence.
        keypoints3d_eval: (N, K, 4) the same file's joints in the skeleton of an evaluation protocol; never written.
        global_orient, body_pose: (N, 3) and (N, 23, 3) SMPL's rotations in the camera.
        betas: (N, 10).
        transl: (N, 3) SMPL's translation in the camera.
        has_smpl, has_betas, has_transl: (N,) bool, rows where those columns are known. Where not given: all rows of a
            given column; of ``transl`` those whose ``focal_length`` is known.
        focal_length: (N,) pixels, NaN where not known.
        image_size: (N, 2) width and height.
        gender: (N,) ``neutral``, ``male`` or ``female`` (or their first letters): whose SMPL the parameters
            belong to; neutral where not given.
        sequence, action: (N,) names.
        frame_id: (N,) int64, number of the frame in its sequence.

    Raises:
        ValueError: A column of another length or shape, an unknown skeleton or gender; the message names the column.
    """

    image_path: np.ndarray
    bbox: np.ndarray
    dataset: str = ''
    scores: np.ndarray | None = None
    keypoints2d: np.ndarray | None = None
    keypoints2d_skeleton: str | None = None
    keypoints3d: np.ndarray | None = None
    keypoints3d_skeleton: str | None = None
    keypoints3d_eval: np.ndarray | None = None
    keypoints3d_eval_skeleton: str | None = None
    global_orient: np.ndarray | None = None
    body_pose: np.ndarray | None = None
    betas: np.ndarray | None = None
    transl: np.ndarray | None = None
    has_smpl: np.ndarray | None = None
    has_betas: np.ndarray | None = None
    has_transl: np.ndarray | None = None
    focal_length: np.ndarray | None = None
    image_size: np.ndarray | None = None
    gender: np.ndarray | None = None
    sequence: np.ndarray | None = None
    action: np.ndarray | None = None
    frame_id: np.ndarray | None = None

    def __post_init__(self) -> None:
        self.image_path = np.asarray(self.image_path, dtype=np.str_)
        for name, row in ROWS.items():
            self._set(name, row, np.float32)
        for name, size in KEYPOINTS.items():
            skeleton = getattr(self, f'{name}_skeleton')
            if (getattr(self, name) is None) != (skeleton is None):
                raise ValueError(f'{name} and {name}_skeleton must be given together')
            if skeleton is not None:
                self._set(name, (len(get_skeleton(skeleton)), size), np.float32)
        for name in TEXTS:
            self._set(name, (), np.str_)
        self._set('frame_id', (), np.int64)
        if (self.global_orient is None) != (self.body_pose is None):
            raise ValueError('global_orient and body_pose must be given together')
        if self.gender is not None:
            self.gender = _gender_names(self.gender)
        self._set_flags()

    def _set(self, name: str, row: tuple[int, ...], dtype: type) -> None:
        value = getattr(self, name)
        if value is None:
            return
        value = np.asarray(value, dtype)
        if value.shape != (len(self), *row):
            raise ValueError(f'{name} must have shape {(len(self), *row)} for {len(self)} image paths, got {value.shape}')
        setattr(self, name, value)

    def _set_flags(self) -> None:
        known = dict(has_smpl=self.body_pose is not None, has_betas=self.betas is not None,
                     has_transl=self.transl is not None and self.focal_length is not None)
        for name in FLAGS:
            if getattr(self, name) is None:
                setattr(self, name, np.full(len(self), known[name]))
                if name == 'has_transl' and known[name]:
                    self.has_transl = np.isfinite(self.focal_length)
            self._set(name, (), np.bool_)
            column = 'body_pose' if name == 'has_smpl' else name.removeprefix('has_')
            if getattr(self, name).any() and getattr(self, column) is None:
                raise ValueError(f'{name} is set, but there is no {column}')

    def __len__(self) -> int:
        return len(self.image_path)

    def __getitem__(self, rows: np.ndarray | slice) -> HumanData:
        """Some rows, by a slice, indices, or booleans."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return HumanData(**{name: value[rows] if name in COLUMNS and value is not None else value
                            for name, value in values.items()})

    @classmethod
    def concatenate(cls, parts: Sequence[HumanData]) -> HumanData:
        """Rows behind each other; all parts must have the same columns.

        Raises:
            ValueError: No part, or parts that differ in columns, skeletons or data set.
        """
        if not parts:
            raise ValueError('nothing to concatenate')
        values: dict[str, Any] = {}
        for name in [f.name for f in fields(cls)]:
            found = [getattr(part, name) for part in parts]
            present = [value is not None for value in found]
            if any(present) != all(present) or (name not in COLUMNS and len(set(found)) > 1):
                raise ValueError(f'parts differ in {name}; all must have it, or none')
            values[name] = np.concatenate(found) if name in COLUMNS and all(present) else found[0]
        return cls(**values)


def _gender_names(names: np.ndarray) -> np.ndarray:
    found, rows = np.unique(names, return_inverse=True)
    known = GENDERS | {name: name for name in GENDERS.values()}
    full = [known.get(name.lower()) for name in found.tolist()]
    if None in full:
        raise ValueError(f'gender must be {", ".join(GENDERS.values())}, got {", ".join(found.tolist()[:5])}')
    return np.array(full, dtype=np.str_)[rows]


def save_human_data(path: str | Path, data: HumanData) -> None:
    """Writes a HumanData npz that mmhuman3d reads too, keypoints compressed.

    Keys: ``image_path``, ``bbox_xywh`` (N, 5; the last is the score), ``keypoints2d``, ``keypoints3d`` with ``…_mask``
    (190,) and ``…_convention``, ``smpl`` (dict of axis-angle ``global_orient``, ``body_pose``, ``betas``, ``transl``),
    ``has_smpl``, ``has_betas``, ``has_transl``, ``meta`` (dict of ``gender`` as a letter, ``width``, ``height``,
    ``focal_length``, ``sequence``, ``action``, ``frame_id``), ``config`` (the data set's name). Columns that are None are
    left out. mmhuman3d keeps keys it does not know.
    """
    scores = np.ones(len(data), np.float32) if data.scores is None else data.scores
    members: dict[str, Any] = {
        '__key_strict__': np.array(False), '__data_len__': np.array(len(data)),
        '__keypoints_compressed__': np.array(True), 'config': np.array(data.dataset), 'image_path': data.image_path,
        'bbox_xywh': np.concatenate([data.bbox[:, :2], data.bbox[:, 2:] - data.bbox[:, :2], scores[:, None]], 1),
    }
    for name in ('keypoints2d', 'keypoints3d'):
        if getattr(data, name) is not None:
            points, mask = to_human_data(getattr(data, name), getattr(data, f'{name}_skeleton'))
            members |= {name: points, f'{name}_mask': mask, f'{name}_convention': np.array('human_data')}
    smpl = {name: getattr(data, name) for name in ('global_orient', 'body_pose', 'betas', 'transl')}
    meta = {name: getattr(data, name) for name in ('focal_length', 'sequence', 'action', 'frame_id')}
    if data.gender is not None:
        meta['gender'] = data.gender.astype('<U1')
    if data.image_size is not None:
        meta['width'], meta['height'] = data.image_size.T
    members |= {name: getattr(data, name).astype(np.int64) for name in FLAGS}
    for name, content in (('smpl', smpl), ('meta', meta)):
        content = {key: value for key, value in content.items() if value is not None}
        if content:
            members[name] = content
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, 'w', zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, value in members.items():
            with archive.open(f'{name}.npy', 'w', force_zip64=True) as member:
                _write(member, value)


def _write(member: IO[bytes], value: np.ndarray | dict[str, np.ndarray]) -> None:
    """An array; or a dict as NumPy writes one, in a form that NumPy 1 and 2 read (they name their modules otherwise)."""
    if isinstance(value, np.ndarray):
        np.lib.format.write_array(member, value, allow_pickle=False)
        return
    np.lib.format.write_array_header_1_0(member, dict(descr='|O', fortran_order=False, shape=()))
    content = pickle.dumps(np.array(value, object), protocol=3)
    member.write(content.replace(b'cnumpy._core.multiarray\n', b'cnumpy.core.multiarray\n'))


def load_human_data(path: str | Path, skeleton: str = 'spin49', eval_skeleton: str | None = None) -> HumanData:
    """Reads a HumanData npz, ours or mmhuman3d's, without running code from it.

    Args:
        path: ``.npz``.
        skeleton: What ``keypoints2d`` and ``keypoints3d`` are wanted in; joints that the file lacks have no confidence.
        eval_skeleton: Gives ``keypoints3d_eval`` besides, e.g. ``h36m17``.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: It asks for code.
        ValueError: It is not HumanData, or its arrays do not fit together; the message names file and key.
    """
    arrays = load_object_arrays(path)
    missing = [key for key in ('image_path', 'bbox_xywh') if key not in arrays]
    if missing:
        raise ValueError(f'{path} is not a HumanData file: it has no {", ".join(missing)}, but {", ".join(arrays)}')
    try:
        return HumanData(**_columns(arrays, skeleton, eval_skeleton))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise ValueError(f'{path}: {error}') from error


def _columns(arrays: dict[str, Any], skeleton: str, eval_skeleton: str | None) -> dict[str, Any]:
    count = len(arrays['image_path'])
    boxes = np.asarray(arrays['bbox_xywh'], np.float32)
    if boxes.ndim != 2 or boxes.shape[1] not in (4, 5):
        raise ValueError(f'bbox_xywh must have shape ({count}, 5), got {boxes.shape}')
    columns: dict[str, Any] = dict(image_path=arrays['image_path'], dataset=str(arrays.get('config', '')),
                                   bbox=np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]], 1),
                                   scores=boxes[:, 4] if boxes.shape[1] == 5 else None)
    for name, source, wanted in (('keypoints2d', 'keypoints2d', skeleton), ('keypoints3d', 'keypoints3d', skeleton),
                                 ('keypoints3d_eval', 'keypoints3d', eval_skeleton)):
        if wanted is not None and source in arrays:
            columns |= {name: _keypoints(arrays, source, wanted), f'{name}_skeleton': wanted}
    smpl, meta = _inner(arrays, 'smpl'), _inner(arrays, 'meta')
    for name, row in (('global_orient', (3, )), ('body_pose', (23, 3)), ('transl', (3, ))):
        if name in smpl:
            columns[name] = np.asarray(smpl[name], np.float32).reshape(count, *row)
    if 'betas' in smpl:
        columns['betas'] = np.asarray(smpl['betas'], np.float32).reshape(count, -1)[:, :10]
    columns |= {name: np.asarray(arrays[name]).reshape(-1) > 0 for name in FLAGS if name in arrays}
    columns |= {name: meta[name] for name in ('sequence', 'action', 'frame_id') if name in meta}
    if 'gender' in meta:
        columns['gender'] = meta['gender']
    if 'width' in meta and 'height' in meta:
        columns['image_size'] = np.stack([np.asarray(meta['width']), np.asarray(meta['height'])], -1)
    focal = meta.get('focal_length', _inner(arrays, 'misc').get('focal_length'))
    if focal is not None:
        focal = np.asarray(focal, np.float32)
        columns['focal_length'] = np.broadcast_to(focal.mean(-1) if focal.ndim == 2 else focal, (count, ))
    return columns


def _keypoints(arrays: dict[str, Any], name: str, skeleton: str) -> np.ndarray:
    if f'{name}_mask' not in arrays:
        raise ValueError(f'{name} has no {name}_mask, which tells its joints')
    if str(arrays.get(f'{name}_convention', 'human_data')) != 'human_data':
        raise ValueError(f'{name} is in the convention {arrays[f"{name}_convention"]}; only human_data is read')
    return from_human_data(np.asarray(arrays[name], np.float32), arrays[f'{name}_mask'], skeleton)


def _inner(arrays: dict[str, Any], key: str) -> dict[str, Any]:
    """A dict stored as one Python object."""
    content = arrays.get(key, [{}])
    if len(content) != 1 or not isinstance(content[0], dict):
        raise ValueError(f'{key} is not a dict')
    return content[0]
