"""A pose file as a table of rows, one a person and frame: read into tracks, written back with what changed.

Convention:
    Rows that hold NaN or infinity are gaps: no track has them, a pipeline may fill them. What no pipeline touched is written
    back bit for bit, as are all rows that stayed gaps and all arrays that are not poses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cliff_ext.structures import HumanTrack

from .atomic import atomic_path

Fields = dict[str, np.ndarray]


@dataclass(frozen=True)
class Column:
    """An array of the file and the fields of a track that it holds.

    Attributes:
        key: Its name in the file.
        fields: Names of the fields.
        decode: From the array (N, ...) to the fields' rows.
        encode: From the fields' rows (M, ...) to M rows of the array, in any shape of the right size.
    """

    key: str
    fields: tuple[str, ...]
    decode: Callable[[np.ndarray], Fields]
    encode: Callable[[Fields], np.ndarray]


def plain_column(key: str, name: str | None = None) -> Column:
    """A column that is a field as it stands."""
    name = name or key
    return Column(key, (name, ), lambda array: {name: array}, lambda fields: fields[name])


@dataclass
class Plan:
    """Rows to write: where each comes from (-1: new), whose it is, and in which fields it changed."""

    source: np.ndarray
    identity: np.ndarray
    frame: np.ndarray
    changed: dict[str, np.ndarray]
    values: Fields


@dataclass
class PoseFile(ABC):
    """A file of poses in one of the known layouts.

    Attributes:
        path: Where it was read.
        arrays: Everything it holds.
        gaps: Rows that are not finite.
        notes: What was found while reading, in words.
        tracks: People, in order of their first rows; those without any finite row are left out.
    """

    path: Path
    arrays: dict[str, Any]
    gaps: int = field(init=False)
    notes: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.columns = [column for column in self.layout() if column.key in self.arrays]
        self.identity, self.frame = self.table()
        self.rows = self.row_arrays()
        self.finite = np.ones(len(self.frame), bool)
        for column in self.columns:
            if column.key not in self.rows:
                raise ValueError(f'{self.path}: {column.key} has {len(self.arrays[column.key])} rows, expected '
                                 f'{len(self.frame)}')
            array = self.rows[column.key]
            self.finite &= np.isfinite(array.astype(np.float64)).all(tuple(range(1, array.ndim)))
        self.gaps = int((~self.finite).sum())
        if self.gaps:
            self.notes.append(f'{self.gaps} of {len(self.finite)} rows are NaN or infinite and were treated as gaps')
        self.fields = self._decode()
        self.tracks = self._tracks()

    @classmethod
    @abstractmethod
    def fits(cls, arrays: dict[str, Any]) -> bool:
        """Whether a file with these arrays has this layout."""

    @abstractmethod
    def layout(self) -> list[Column]:
        """All columns the layout may have."""

    @abstractmethod
    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """Whose each row is and its frame, (N,) int64 each."""

    @abstractmethod
    def row_arrays(self) -> dict[str, np.ndarray]:
        """Arrays with one row a person and frame."""

    @abstractmethod
    def assemble(self, rows: dict[str, np.ndarray], plan: Plan) -> dict[str, np.ndarray]:
        """Everything to write, from the row arrays as planned."""

    def describe(self, identity: int) -> dict[str, Any]:
        """What a track holds besides rows: skeletons, image size."""
        return {}

    def recordings(self) -> dict[int, int]:
        """Which tracks show one person from several cameras: each identity's first view; itself where that is unknown."""
        return {track.track_id: track.track_id for track in self.tracks}

    def _decode(self) -> Fields:
        fields: Fields = {}
        for column in self.columns:
            array = self.rows[column.key]
            clean = np.where(self.finite.reshape(-1, *[1] * (array.ndim - 1)), array, 0) if self.gaps else array
            fields |= column.decode(clean)
        count = len(self.frame)
        fields.setdefault('bboxes', np.zeros((count, 4), np.float32))
        fields.setdefault('scores', np.ones(count, np.float32))
        fields.setdefault('filled', np.zeros(count, bool))
        return fields

    def _tracks(self) -> list[HumanTrack]:
        tracks, unsorted = [], 0
        for identity in dict.fromkeys(self.identity.tolist()):
            rows = np.flatnonzero((self.identity == identity) & self.finite)
            unsorted += bool((np.diff(self.frame[rows]) < 0).any())
            rows = rows[np.argsort(self.frame[rows], kind='stable')]
            twice = self.frame[rows][1:][np.diff(self.frame[rows]) == 0]
            if len(twice):
                raise ValueError(f'{self.path}: person {identity} has frame {twice[0]} more than once; keep one row a '
                                 'person and frame')
            if len(rows):
                tracks.append(HumanTrack(track_id=identity, frame_ids=self.frame[rows], **self.describe(identity),
                                         **{name: value[rows] for name, value in self.fields.items()}))
        if unsorted:
            self.notes.append(f'rows of {unsorted} people were not in order of frames and were sorted')
        return tracks

    def save(self, path: str | Path, tracks: Sequence[HumanTrack]) -> None:
        """Writes the same layout with the tracks' poses.

        Args:
            path: ``.npz`` to write.
            tracks: What a pipeline made of :attr:`tracks`. Rows that it has no frame for stay as they were; people whom it
                left out are left out; a frame that is new gets a row where the layout has room for one.
        """
        plan = self.plan(tracks)
        rows = {key: _take(array, plan.source) for key, array in self.rows.items()}
        for column in self.columns:
            hit = np.any([plan.changed[name] for name in column.fields], 0)
            if hit.any():
                target = rows[column.key]
                values = column.encode({name: plan.values[name][hit] for name in column.fields})
                target[hit] = values.reshape(-1, *target.shape[1:]).astype(target.dtype)
        content = self.assemble(rows, plan)
        with atomic_path(path) as temporary:
            np.savez_compressed(temporary, **content)

    def plan(self, tracks: Sequence[HumanTrack]) -> Plan:
        """Which rows to write, person by person in order of frames."""
        taken: set[int] = set()
        parts = []
        given = {track.track_id for track in self.tracks}
        gone = [track for track in self.tracks if track.track_id not in {t.track_id for t in tracks}]
        for track in tracks:
            owners = {track.track_id, *(old.track_id for old in gone if _within(old, track))}
            taken |= owners
            own = np.flatnonzero(np.isin(self.identity, list(owners)))
            parts.append(self._person(track, own))
        for identity in dict.fromkeys(self.identity.tolist()):
            if identity not in taken | given:  # nothing finite: no pipeline saw it
                parts.append(self._person(None, np.flatnonzero(self.identity == identity)))
        names = list(self.fields)
        empty = np.empty(0, np.int64)
        columns = [np.concatenate([empty, *(part[i] for part in parts)]) for i in range(3)]
        changed = {name: np.concatenate([empty.astype(bool), *(part[3][name] for part in parts)]) for name in names}
        values = {name: np.concatenate([self.fields[name][:0], *(part[4][name] for part in parts)]) for name in names}
        return Plan(*columns, changed, values)

    def _person(self, track: HumanTrack | None, own: np.ndarray) -> tuple:
        """Source, identity, frame, changed and values of one person's rows; ``own`` are those of the file."""
        frames = np.empty(0, np.int64) if track is None else track.frame_ids
        rest = own[~np.isin(self.frame[own], frames)]
        known = {int(self.frame[row]): int(row) for row in own[np.argsort(self.finite[own], kind='stable')]}
        source = np.array([*(known.get(int(frame), -1) for frame in frames), *rest], np.int64)
        frame = np.concatenate([frames, self.frame[rest]])
        seen = (source >= 0) & self.finite[source]
        changed, values = {}, {}
        for name, old in self.fields.items():
            before = _take(old, source)
            after = before.copy()
            if track is not None:
                after[:len(frames)] = getattr(track, name)
            differs = (before != after).reshape(len(frame), -1).any(1)
            changed[name] = (differs | ~seen) & (np.arange(len(frame)) < len(frames))
            values[name] = after
        order = np.argsort(frame, kind='stable')
        owner = track.track_id if track is not None else int(self.identity[own[0]])
        return (source[order], np.full(len(frame), owner), frame[order], {k: v[order] for k, v in changed.items()},
                {k: v[order] for k, v in values.items()})


def _within(part: HumanTrack, whole: HumanTrack) -> bool:
    """Whether a track was joined into another: its frames are there, with its boxes."""
    rows = np.searchsorted(whole.frame_ids, part.frame_ids)
    inside = rows < len(whole)
    return bool(inside.all() and np.array_equal(whole.frame_ids[rows], part.frame_ids) and
                np.array_equal(whole.bboxes[rows], part.bboxes))


def _take(array: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Rows by index; new ones (-1) are NaN, zero or empty."""
    if not len(array):
        return np.zeros((len(source), *array.shape[1:]), array.dtype)
    taken = array[source]
    if (source < 0).any():
        taken[source < 0] = np.nan if array.dtype.kind == 'f' else np.zeros((), array.dtype)
    return taken
