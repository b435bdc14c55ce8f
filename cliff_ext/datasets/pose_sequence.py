"""Pose sequences as a data set: windows to train on, whole sequences to test on."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from mmengine.logging import print_log
from torch.utils.data import ConcatDataset, Dataset

from cliff_ext.registry import DATASETS, TRANSFORMS


@DATASETS.register_module()
class PoseSequenceDataset(Dataset):
    """Noisy and true poses side by side.

    An item passes through ``pipeline`` as ``sequence`` (name), ``truth`` and ``detected`` (T, C) or (V, T, C) float32 (equal
    for clean motion until a noise transform changes ``detected``), ``frame_ids`` (T,), ``extras`` and ``metainfo``.

    Args:
        layout: Config of a reader, e.g. ``dict(type='SmoothNetLayout', …)``.
        pipeline: Transforms; the last packs ``inputs`` and ``data_samples``.
        window_size: Frames of an item; None gives whole sequences. Sequences shorter than a window are filled up by
            repeating their last frame.
        step: Frames from one window to the next.

    Raises:
        ValueError: No sequence has a window whose truth is known.
    """

    def __init__(self, layout: dict, pipeline: Sequence[dict], window_size: int | None = None, step: int = 1) -> None:
        reader = DATASETS.build(layout)
        self.metainfo: dict[str, Any] = dict(reader.metainfo)
        self.sequences = reader.load()
        self.pipeline = Compose([TRANSFORMS.build(transform) for transform in pipeline])
        self.window_size = window_size
        self._report_gaps()
        pairs = [self._starts(i, step) for i in range(len(self.sequences))]
        self._items = np.concatenate([np.zeros((0, 2), np.int64), *pairs])
        if not len(self._items):
            raise ValueError(f'{type(reader).__name__}: none of the {len(self.sequences)} sequences has frames with known '
                             'truth to learn from')

    def _starts(self, index: int, step: int) -> np.ndarray:
        """(M, 2) sequence and first frame of its items; windows that touch unknown truth are left out."""
        if self.window_size is None:
            return np.array([[index, 0]])
        truth = self.sequences[index].truth
        unknown = ~np.isfinite(truth).all(-1).reshape(-1, truth.shape[-2]).all(0)
        last = max(truth.shape[-2] - self.window_size, 0)
        starts = np.union1d(np.arange(0, last + 1, step), [last])
        before = np.concatenate([[0], np.cumsum(unknown)])
        clean = before[np.minimum(starts + self.window_size, len(unknown))] == before[starts]
        starts = starts[clean]
        return np.stack([np.full(len(starts), index), starts], 1)

    def _report_gaps(self) -> None:
        filled = {s.name: s.filled for s in self.sequences if s.filled}
        if filled:
            print_log(f'{sum(filled.values())} frames of {len(filled)} sequences hold NaN or infinite estimates and were '
                      f'interpolated ({", ".join(list(filled)[:5])}{", …" if len(filled) > 5 else ""})', 'current')

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> dict[str, Any]:
        which, start = self._items[index].tolist()
        sequence = self.sequences[which]
        frames = np.arange(len(sequence))
        if self.window_size is not None:
            frames = np.minimum(np.arange(start, start + self.window_size), len(sequence) - 1)
        truth = sequence.truth[..., frames, :]
        detected = truth if sequence.detected is None else sequence.detected[..., frames, :]
        extras = {name: value[frames] if len(value) == len(sequence) and value.ndim > 1 else value
                  for name, value in sequence.extras.items()}
        return self.pipeline(dict(sequence=sequence.name, truth=truth.copy(), detected=detected.copy(), frame_ids=frames,
                                  extras=copy.copy(extras), metainfo=self.metainfo))

    def index_of(self, sequence: str) -> int:
        """The item of a sequence by name, for whole sequences.

        Raises:
            KeyError: No such sequence; the message lists some.
        """
        names = [s.name for s in self.sequences]
        if sequence not in names:
            raise KeyError(f'no sequence {sequence!r}; there are {len(names)}, e.g. {", ".join(names[:8])}')
        return int(np.flatnonzero(self._items[:, 0] == names.index(sequence))[0])


@DATASETS.register_module()
class MixedPoseDataset(ConcatDataset):
    """Several data sets behind each other; take :class:`BalancedBatchOrder` as the sampler.

    Args:
        datasets: Configs of data sets, or data sets.

    Raises:
        ValueError: They differ in representation.
    """

    def __init__(self, datasets: Sequence[dict | Dataset]) -> None:
        super().__init__([DATASETS.build(one) if isinstance(one, dict) else one for one in datasets])
        kinds = {one.metainfo['representation'] for one in self.datasets}
        if len(kinds) != 1:
            raise ValueError(f'data sets of one representation can be mixed, got {", ".join(sorted(kinds))}')
        self.metainfo = self.datasets[0].metainfo
