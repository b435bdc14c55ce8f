"""One body shape per person."""

from __future__ import annotations

import numpy as np

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from .base import TrackTransform


@TRACK_TRANSFORMS.register_module()
class RobustBetas(TrackTransform):
    """Gives all frames the median shape of those in which the person was seen, weighted by their scores.

    A median, since a shape estimated from a person half hidden or half outside the picture can be anything. Tracks without
    ``betas`` pass unchanged.
    """

    def __call__(self, track: HumanTrack) -> HumanTrack:
        if track.betas is None or not len(track):
            return track
        seen = ~track.filled if not track.filled.all() else np.ones(len(track), bool)
        weights = np.maximum(track.scores[seen], 0)
        betas = weighted_median(track.betas[seen], weights if weights.any() else np.ones(seen.sum()))
        return track.replace(betas=np.tile(betas, (len(track), 1)))


def weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Median (C,) of each column of (N, C): the value below and above which at most half the weight (N,) lies."""
    order = np.argsort(values, axis=0, kind='stable')
    ranked = np.take_along_axis(values, order, 0)
    total = np.cumsum(weights[order], 0)
    half = total[-1] / 2
    low = (total < half * (1 - 1e-9)).sum(0)
    high = (total <= half * (1 + 1e-9)).sum(0)
    columns = np.arange(values.shape[1])
    return (ranked[low, columns] + ranked[np.minimum(high, len(values) - 1), columns]) / 2
