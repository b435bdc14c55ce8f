"""Tracks as files: our flat npz, and the npz of CLIFF's demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from cliff_ext.geometry import rotmat_to_rotvec
from cliff_ext.structures import HumanTrack

from .atomic import atomic_path

ROWS = dict(bboxes=(4, ), scores=(), filled=(), global_orient=(3, 3), body_pose=(23, 3, 3), betas=(10, ), transl=(3, ),
            focal_length=())
KEYPOINTS = ('keypoints2d', 'keypoints3d')


@dataclass
class TrackFile:
    """What a tracks file holds."""

    tracks: list[HumanTrack]
    image_size: tuple[int, int]
    fps: float
    source: str


def save_tracks(path: str | Path, tracks: Sequence[HumanTrack], image_size: tuple[int, int], fps: float | None,
                source: str) -> None:
    """Writes all tracks as flat arrays over their rows; see :func:`load_tracks` for the keys.

    Args:
        path: ``.npz`` to write.
        tracks: Any number of people, also none.
        image_size: (width, height).
        fps: Frames a second; None (images) is stored as 0.
        source: Where the frames came from.

    Raises:
        ValueError: Only some tracks have a field.
    """
    arrays: dict[str, np.ndarray] = {
        'offsets': np.cumsum([0, *(len(track) for track in tracks)]).astype(np.int64),
        'track_ids': np.array([track.track_id for track in tracks], np.int64),
        'frame_ids': np.concatenate([np.empty(0, np.int64), *(track.frame_ids for track in tracks)]),
        'image_size': np.array(image_size, np.int64),
        'fps': np.float64(fps or 0),
        'source': np.array(source),
    }
    for name, row in ROWS.items():
        values = [getattr(track, name) for track in tracks]
        if any(v is None for v in values):
            if all(v is None for v in values):
                continue
            raise ValueError(f'cannot save: only some of the tracks have {name}')
        empty = np.empty((0, *row), bool if name == 'filled' else np.float32)
        arrays[name] = np.concatenate([empty, *values])
    for name in KEYPOINTS:
        skeletons = {getattr(track, f'{name}_skeleton') for track in tracks} or {None}
        if len(skeletons) > 1:
            raise ValueError(f'cannot save: tracks differ in the skeleton of {name}: {skeletons}')
        skeleton = skeletons.pop()
        if skeleton is not None:
            arrays[name] = np.concatenate([getattr(track, name) for track in tracks])
            arrays[f'{name}_skeleton'] = np.array(skeleton)
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def load_tracks(path: str | Path) -> TrackFile:
    """Reads a tracks file without pickle.

    Keys: ``frame_ids`` (R,), ``bboxes`` (R, 4), ``scores``, ``filled`` (R,), and where estimated ``global_orient``
    (R, 3, 3), ``body_pose`` (R, 23, 3, 3), ``betas`` (R, 10), ``transl`` (R, 3), ``focal_length`` (R,), ``keypoints2d``,
    ``keypoints3d``; person p owns rows ``offsets[p]:offsets[p + 1]`` and the identity ``track_ids[p]``;
    ``image_size`` (2,), ``fps``, ``source``.

    Raises:
        FileNotFoundError: No such file.
        ValueError: Not a tracks file; the message names what is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'tracks file not found: {path}')
    try:
        with np.load(path, allow_pickle=False) as data:
            arrays = {key: data[key] for key in data.files}
    except (ValueError, OSError, BadZipFile) as error:
        raise ValueError(f'{path} cannot be read as npz without pickle: {error}') from error
    needed = ('offsets', 'track_ids', 'frame_ids', 'bboxes', 'scores', 'filled', 'image_size', 'fps', 'source')
    missing = [key for key in needed if key not in arrays]
    if missing:
        raise ValueError(f'{path} is not a tracks file of cliff_ext: it has no {", ".join(missing)}')
    image_size = tuple(int(v) for v in arrays['image_size'])
    skeletons = {f'{k}_skeleton': str(arrays[f'{k}_skeleton']) for k in KEYPOINTS if k in arrays}
    names = [name for name in ('frame_ids', *ROWS, *KEYPOINTS) if name in arrays]
    bounds = arrays['offsets']
    tracks = [HumanTrack(track_id=int(identity), image_size=image_size, **skeletons,
                         **{name: arrays[name][start:stop] for name in names})
              for identity, start, stop in zip(arrays['track_ids'], bounds, bounds[1:], strict=False)]
    return TrackFile(tracks, image_size, float(arrays['fps']), str(arrays['source']))


def save_cliff_npz(path: str | Path, tracks: Sequence[HumanTrack], names: dict[int, str],
                   joints: Sequence[np.ndarray]) -> None:
    """Writes the keys of CLIFF's demo, one row a person and frame, in order of frames.

    Args:
        path: ``.npz`` to write.
        tracks: People with SMPL parameters.
        names: Image name of each frame number.
        joints: For each track its joints in the camera, (T, J, 3) metres.
    """
    import torch
    order = np.lexsort((np.repeat([t.track_id for t in tracks], [len(t) for t in tracks]),
                        np.concatenate([np.empty(0, np.int64), *(t.frame_ids for t in tracks)])))

    def flat(values: list[np.ndarray], *row: int) -> np.ndarray:
        return np.concatenate([np.empty((0, *row), np.float32), *values])[order]

    poses = [np.concatenate([t.global_orient[:, None], t.body_pose], 1) for t in tracks]
    detections = [np.concatenate([t.frame_ids[:, None], t.bboxes, t.scores[:, None], np.ones((len(t), 1)),
                                  np.full((len(t), 1), t.track_id)], 1) for t in tracks]
    frames = np.concatenate([np.empty(0, np.int64), *(t.frame_ids for t in tracks)])[order]
    with atomic_path(path) as temporary:
        np.savez_compressed(
            temporary,
            imgname=np.array([names[int(frame)] for frame in frames], dtype=np.str_),
            pose=rotmat_to_rotvec(torch.from_numpy(flat(poses, 24, 3, 3))).numpy().reshape(-1, 72),
            shape=flat([t.betas for t in tracks], 10),
            global_t=flat([t.transl for t in tracks], 3),
            pred_joints=flat(list(joints), *(joints[0].shape[1:] if joints else (24, 3))),
            focal_l=flat([t.focal_length for t in tracks]),
            detection_all=flat(detections, 8))
