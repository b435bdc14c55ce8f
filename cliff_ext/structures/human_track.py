"""One person through time: the type that everything after the estimator speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from .skeletons import get_skeleton

ROW_FIELDS: dict[str, tuple[int | None, ...]] = dict(
    bboxes=(4, ), scores=(), filled=(), global_orient=(3, 3), body_pose=(23, 3, 3), betas=(10, ), transl=(3, ),
    focal_length=(), keypoints2d=(None, 3), keypoints3d=(None, 3))
"""Shape of one row of each field that has one row a frame."""


@dataclass(frozen=True, eq=False)
class HumanTrack:
    """A person's frames in order. Immutable: a track transform returns a new one.

    Attributes:
        track_id: Identity.
        frame_ids: (T,) int64, strictly rising.
        bboxes: (T, 4) xyxy pixels of the full image.
        scores: (T,) detection confidence.
        filled: (T,) bool, true where the frame was infilled rather than observed.
        global_orient: (T, 3, 3), camera frame.
        body_pose: (T, 23, 3, 3), relative to the parent joint.
        betas: (T, 10).
        transl: (T, 3) metres, camera frame.
        focal_length: (T,) pixels.
        keypoints2d: (T, K, 3) x, y in pixels of the full image, confidence.
        keypoints3d: (T, K, 3) metres, camera frame.
        keypoints2d_skeleton: Name of the 2D joints' convention.
        keypoints3d_skeleton: Name of the 3D joints' convention.
        image_size: (width, height) pixels.

    Raises:
        ValueError: A field has the wrong shape or holds NaN, or frames do not rise; the message names field and frame.
    """

    track_id: int
    frame_ids: np.ndarray
    bboxes: np.ndarray
    scores: np.ndarray
    filled: np.ndarray
    global_orient: np.ndarray | None = None
    body_pose: np.ndarray | None = None
    betas: np.ndarray | None = None
    transl: np.ndarray | None = None
    focal_length: np.ndarray | None = None
    keypoints2d: np.ndarray | None = None
    keypoints3d: np.ndarray | None = None
    keypoints2d_skeleton: str | None = None
    keypoints3d_skeleton: str | None = None
    image_size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        frames = np.asarray(self.frame_ids)
        if frames.ndim != 1 or (len(frames) and frames.dtype.kind not in 'iu'):
            raise ValueError(f'{self}: frame_ids must be integers of shape (T,), got {frames.dtype} {frames.shape}')
        object.__setattr__(self, 'frame_ids', frames.astype(np.int64))
        if (np.diff(self.frame_ids) <= 0).any():
            at = int(np.argmax(np.diff(self.frame_ids) <= 0))
            raise ValueError(f'{self}: frame_ids must rise, but {frames[at + 1]} follows {frames[at]}')
        for name, row in ROW_FIELDS.items():
            self._check_rows(name, row)
        for name in ('keypoints2d', 'keypoints3d'):
            self._check_skeleton(name)

    def _check_rows(self, name: str, row: tuple[int | None, ...]) -> None:
        value = getattr(self, name)
        if value is None:
            return
        value = np.asarray(value, bool if name == 'filled' else np.float32)
        wanted = (len(self), *row)
        if value.ndim != len(wanted) or any(w not in (None, s) for w, s in zip(wanted, value.shape, strict=True)):
            shape = tuple('K' if size is None else size for size in wanted)
            raise ValueError(f'{self}: {name} must have shape {shape}, got {value.shape}')
        bad = ~np.isfinite(value).all(tuple(range(1, value.ndim)))
        if bad.any():
            raise ValueError(f'{self}: {name} is NaN or infinite in frame {self.frame_ids[bad.argmax()]}')
        object.__setattr__(self, name, value)

    def _check_skeleton(self, name: str) -> None:
        points, skeleton = getattr(self, name), getattr(self, f'{name}_skeleton')
        if (points is None) != (skeleton is None):
            raise ValueError(f'{self}: {name} and {name}_skeleton go together, one of them is missing')
        if points is not None and points.shape[1] != len(get_skeleton(skeleton)):
            raise ValueError(f'{self}: {name} has {points.shape[1]} joints, but {skeleton} has '
                             f'{len(get_skeleton(skeleton))}')

    def __repr__(self) -> str:
        return f'HumanTrack {self.track_id} ({len(self.frame_ids)} frames)'

    def __len__(self) -> int:
        return len(self.frame_ids)

    def __getitem__(self, rows: slice | np.ndarray) -> HumanTrack:
        """Rows by slice, index array or mask."""
        parts = {name: None if value is None else value[rows] for name, value in self.rows().items()}
        return replace(self, frame_ids=self.frame_ids[rows], **parts)

    def rows(self) -> dict[str, np.ndarray | None]:
        """The fields with one row a frame, ``frame_ids`` apart."""
        return {name: getattr(self, name) for name in ROW_FIELDS}

    def at_frames(self, start: int, stop: int) -> HumanTrack:
        """The part with start <= frame < stop."""
        return self[(self.frame_ids >= start) & (self.frame_ids < stop)]

    def replace(self, **changes: Any) -> HumanTrack:
        """A copy with some fields exchanged; checked like a new one."""
        return replace(self, **changes)

    def split_at_gaps(self, max_gap: int = 0) -> list[HumanTrack]:
        """Pieces between which more than ``max_gap`` frames are missing."""
        cuts = np.flatnonzero(np.diff(self.frame_ids) > max_gap + 1) + 1
        bounds = [0, *cuts.tolist(), len(self)]
        return [self[a:b] for a, b in zip(bounds, bounds[1:], strict=False) if b > a]

    @classmethod
    def concatenate(cls, tracks: Sequence[HumanTrack]) -> HumanTrack:
        """Joins pieces of one person, in any order, whose frames do not overlap; the first piece gives the identity.

        Raises:
            ValueError: No pieces, overlapping frames, or a field that only some pieces have.
        """
        if not tracks:
            raise ValueError('concatenate needs at least one track')
        first = tracks[0]
        pieces = sorted(tracks, key=lambda track: track.frame_ids[0] if len(track) else -1)
        parts: dict[str, np.ndarray | None] = {}
        for name in ROW_FIELDS:
            values = [getattr(track, name) for track in pieces]
            if any(v is None for v in values) and any(v is not None for v in values):
                raise ValueError(f'concatenate: only some of the tracks have {name}')
            parts[name] = None if values[0] is None else np.concatenate(values)
        for name in ('keypoints2d_skeleton', 'keypoints3d_skeleton', 'image_size'):
            if len({getattr(track, name) for track in tracks}) > 1:
                raise ValueError(f'concatenate: tracks differ in {name}')
        return replace(first, frame_ids=np.concatenate([track.frame_ids for track in pieces]), **parts)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The track as arrays for an npz without pickle; inverse of :meth:`from_arrays`."""
        content = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: np.asarray(value) for name, value in content.items() if value is not None}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> HumanTrack:
        """Rebuilds a track from :meth:`to_arrays`."""
        content: dict[str, Any] = dict(arrays)
        content['track_id'] = int(content['track_id'])
        for name in ('keypoints2d_skeleton', 'keypoints3d_skeleton'):
            if name in content:
                content[name] = str(content[name])
        if 'image_size' in content:
            content['image_size'] = tuple(int(v) for v in content['image_size'])
        return cls(**content)
