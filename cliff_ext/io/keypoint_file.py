"""2D keypoints from files: OpenPose's folders, COCO's json, and npz."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from cliff_ext.structures import get_skeleton, list_skeletons

OPENPOSE_NAME = re.compile(r'_(\d{12})_keypoints\.json$')
"""OpenPose numbers the files of a video."""


@dataclass
class KeypointFile:
    """People's keypoints, frame by frame, not yet matched to tracks.

    Attributes:
        skeleton: Name of the joints' convention.
        frames: (N, K, 3) x, y in pixels of the full image and confidence, by frame number; finite.
        ids: Identities (N,) by frame number, where the file gives them.
        image_size: (width, height), where the file gives it.
    """

    skeleton: str
    frames: dict[int, np.ndarray]
    ids: dict[int, np.ndarray] | None = None
    image_size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for frame, points in self.frames.items():
            bad = ~np.isfinite(points).all(-1) | (points[..., 2] < 0)
            self.frames[frame] = np.where(bad[..., None], 0, points).astype(np.float32)


def load_keypoints(path: str | Path, skeleton: str | None = None) -> KeypointFile:
    """Reads keypoints of any known layout; joints that are not finite have confidence 0.

    Layouts: a folder of OpenPose's json files or one of them (BODY_25); COCO's json, of results or annotations; npz with
    ``keypoints2d`` (R, K, 2 or 3) and, where known, ``frame_ids`` (R,), ``track_ids`` (R,), ``keypoints2d_skeleton``,
    ``image_size``; our tracks file. Files without frame numbers are frames 0, 1, … in order.

    Args:
        path: File or folder.
        skeleton: Of the joints, where neither the file nor their number says.

    Raises:
        FileNotFoundError: Nothing there.
        ValueError: No known layout, or an unknown number of joints.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f'keypoints not found: {path}')
    if path.is_dir():
        return _openpose(path, sorted(path.glob('*.json')), skeleton)
    if path.suffix == '.npz':
        return _npz(path, skeleton)
    content = _json(path)
    if isinstance(content, dict) and 'people' in content:
        return _openpose(path, [path], skeleton)
    return _coco(path, content, skeleton)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is not json: {error}') from error


def _openpose(path: Path, files: Sequence[Path], skeleton: str | None) -> KeypointFile:
    if not files:
        raise ValueError(f'{path}: no .json files in this folder')
    numbers = [OPENPOSE_NAME.search(file.name) for file in files]
    numbered = len(files) > 1 and all(numbers)
    order = [int(match[1]) for match in numbers if match] if numbered else list(range(len(files)))
    name = skeleton or 'openpose25'
    frames = {}
    for frame, file in zip(order, files, strict=True):
        content = _json(file)
        if not isinstance(content, dict) or not isinstance(content.get('people'), list):
            raise ValueError(f'{file} is not of OpenPose: it has no list of people')
        rows = [person.get('pose_keypoints_2d', []) for person in content['people']]
        frames[frame] = _rows(file, rows, name)
    return KeypointFile(name, frames)


def _coco(path: Path, content: Any, skeleton: str | None) -> KeypointFile:
    annotated = isinstance(content, dict)
    entries = content.get('annotations') if annotated else content
    needed = {'image_id', 'keypoints'}
    if not isinstance(entries, list) or not all(isinstance(e, dict) and needed <= e.keys() for e in entries):
        raise ValueError(f"{path} is neither OpenPose's json (people) nor COCO's (a list of image_id and keypoints)")
    if not all(isinstance(e['image_id'], int) for e in entries):
        raise ValueError(f'{path}: image_id must be a frame number')
    name = skeleton or _skeleton(path, len(entries[0]['keypoints']) // 3 if entries else 17, 'coco17')
    frames = {}
    for frame in sorted({entry['image_id'] for entry in entries}):
        points = _rows(path, [entry['keypoints'] for entry in entries if entry['image_id'] == frame], name)
        if annotated:
            points[..., 2] = points[..., 2] > 0  # visibility 1 (hidden) and 2 (seen) are both marked by hand
        frames[frame] = points
    return KeypointFile(name, frames)


def _rows(path: Path, rows: Sequence[Sequence[float]], skeleton: str) -> np.ndarray:
    count = len(get_skeleton(skeleton))
    for row in rows:
        if len(row) != 3 * count:
            raise ValueError(f'{path}: a person has {len(row)} numbers, {skeleton} needs {3 * count} (x, y, confidence); '
                             f'name another skeleton: {", ".join(list_skeletons())}')
    return np.array(rows, np.float32).reshape(len(rows), count, 3)


def _npz(path: Path, skeleton: str | None) -> KeypointFile:
    try:
        with np.load(path, allow_pickle=False) as data:
            arrays = {key: data[key] for key in data.files}
    except (ValueError, OSError, BadZipFile) as error:
        raise ValueError(f'{path} cannot be read as npz without pickle: {error}') from error
    points = arrays.get('keypoints2d')
    if points is None or points.ndim != 3 or points.shape[2] not in (2, 3):
        raise ValueError(f'{path} needs keypoints2d of shape (R, K, 2 or 3), it holds ' +
                         (', '.join(arrays) or 'nothing' if points is None else f'keypoints2d {points.shape}'))
    if points.shape[2] == 2:
        points = np.concatenate([points, np.ones_like(points[..., :1])], -1)
    rows = np.arange(len(points))
    frame_ids = np.asarray(arrays.get('frame_ids', rows))
    ids = arrays.get('track_ids')
    if ids is not None and 'offsets' in arrays:  # our tracks file
        ids = np.repeat(ids, np.diff(arrays['offsets']))
    for name, value in (('frame_ids', frame_ids), ('track_ids', ids)):
        if value is not None and value.shape != rows.shape:
            raise ValueError(f'{path}: {name} must have one number for each of {len(rows)} rows, got shape {value.shape}')
    given = skeleton or (str(arrays['keypoints2d_skeleton']) if 'keypoints2d_skeleton' in arrays else None)
    size = arrays.get('image_size')
    found = {int(frame): frame_ids == frame for frame in np.unique(frame_ids)}
    name = given or _skeleton(path, points.shape[1], None)
    if len(get_skeleton(name)) != points.shape[1]:
        raise ValueError(f'{path}: {points.shape[1]} joints, but {name} has {len(get_skeleton(name))}')
    return KeypointFile(name, {frame: points[mask] for frame, mask in found.items()},
                        None if ids is None else {frame: ids[mask] for frame, mask in found.items()},
                        None if size is None else (int(size[0]), int(size[1])))


def _skeleton(path: Path, count: int, preferred: str | None) -> str:
    """The convention that a number of joints tells."""
    fitting = [name for name in list_skeletons() if len(get_skeleton(name)) == count]
    if preferred in fitting:
        return str(preferred)
    if len(fitting) == 1:
        return fitting[0]
    raise ValueError(f'{path}: {count} joints do not tell the skeleton ({", ".join(fitting) or "none has so many"}); '
                     'name it: keypoints2d_skeleton in the file, or --skeleton')
