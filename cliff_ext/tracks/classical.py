"""Savitzky-Golay, one-euro and Gaussian filters as track transforms."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from . import filters
from .base import TrackTransform, each_piece

ROTATIONS = ('global_orient', 'body_pose')
FILTERED = (*ROTATIONS, 'betas', 'transl', 'keypoints2d', 'keypoints3d')
"""Fields that may be filtered; boxes and scores stay as the detector gave them."""


class ClassicalFilter(TrackTransform):
    """A filter over time; gaps are not filtered across, rotations are filtered in their 6D form.

    Args:
        fields: What to filter; fields that a track lacks are passed over.

    Raises:
        ValueError: A field that cannot be filtered.
    """

    def __init__(self, fields: Sequence[str] = FILTERED) -> None:
        unknown = [name for name in fields if name not in FILTERED]
        if unknown:
            raise ValueError(f'{type(self).__name__} cannot filter {", ".join(unknown)}; it can filter '
                             f'{", ".join(FILTERED)}')
        self.fields = tuple(fields)

    @abstractmethod
    def smooth(self, x: np.ndarray) -> np.ndarray:
        """Filters consecutive frames (T, ...)."""

    def __call__(self, track: HumanTrack) -> HumanTrack:
        return each_piece(track, self._filter)

    def _filter(self, piece: HumanTrack) -> HumanTrack:
        present = [name for name in self.fields if getattr(piece, name) is not None]
        return piece.replace(**{name: self._field(name, getattr(piece, name)) for name in present})

    def _field(self, name: str, value: np.ndarray) -> np.ndarray:
        if name in ROTATIONS:
            return filters.filter_rotations(value, self.smooth)
        if name == 'keypoints2d':
            return np.concatenate([self.smooth(value[..., :2]), value[..., 2:]], -1)
        return self.smooth(value)


@TRACK_TRANSFORMS.register_module()
class SavitzkyGolay(ClassicalFilter):
    """See :func:`cliff_ext.tracks.filters.savitzky_golay`."""

    def __init__(self, window: int = 31, order: int = 2, fields: Sequence[str] = FILTERED) -> None:
        super().__init__(fields)
        if window < 3 or order < 0:
            raise ValueError(f'SavitzkyGolay needs window >= 3 and order >= 0, got {window} and {order}')
        self.window, self.order = window, order

    def smooth(self, x: np.ndarray) -> np.ndarray:
        return filters.savitzky_golay(x, self.window, self.order)


@TRACK_TRANSFORMS.register_module()
class OneEuro(ClassicalFilter):
    """See :func:`cliff_ext.tracks.filters.one_euro`; the only one here that looks at past frames alone."""

    def __init__(self, min_cutoff: float = 0.04, beta: float = 0.7, d_cutoff: float = 1.,
                 fields: Sequence[str] = FILTERED) -> None:
        super().__init__(fields)
        if min_cutoff <= 0 or beta < 0 or d_cutoff <= 0:
            raise ValueError(f'OneEuro needs min_cutoff > 0, beta >= 0, d_cutoff > 0, got {min_cutoff}, {beta}, {d_cutoff}')
        self.min_cutoff, self.beta, self.d_cutoff = min_cutoff, beta, d_cutoff

    def smooth(self, x: np.ndarray) -> np.ndarray:
        return filters.one_euro(x, self.min_cutoff, self.beta, self.d_cutoff)


@TRACK_TRANSFORMS.register_module()
class Gaussian1D(ClassicalFilter):
    """See :func:`cliff_ext.tracks.filters.gaussian1d`."""

    def __init__(self, sigma: float = 3., fields: Sequence[str] = FILTERED) -> None:
        super().__init__(fields)
        if sigma <= 0:
            raise ValueError(f'Gaussian1D needs sigma > 0, got {sigma}')
        self.sigma = sigma

    def smooth(self, x: np.ndarray) -> np.ndarray:
        return filters.gaussian1d(x, self.sigma)
