"""The better of a fit and the estimate it began with, as SPIN chooses [Kolotouros et al., ICCV 2019]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from .base import Fit
from .report import FitReport
from .windows import FREE

UNMEASURED = 'as there is nothing to measure'
NO_WORSE = 'as it reprojects no worse than the fit'


@TRACK_TRANSFORMS.register_module()
class FitOrPrediction(Fit):
    """Fits, and keeps a frame's fit only where it reprojects better than the estimate; no frame gets worse by that measure.

    Args:
        fit: Config of another :class:`Fit`.
        margin: Share of the estimate's error by which a fit must be better.

    Raises:
        ValueError: A margin outside [0, 1).
    """

    def __init__(self, fit: dict[str, Any] | Fit, margin: float = 0.05) -> None:
        if not 0 <= margin < 1:
            raise ValueError(f'FitOrPrediction: margin must be in [0, 1), got {margin}')
        self.fitter: Fit = fit if isinstance(fit, Fit) else TRACK_TRANSFORMS.build(fit)
        self.margin = margin
        self.body = self.fitter.body

    def to(self, device: str) -> FitOrPrediction:
        """Moves the fit."""
        self.fitter.to(device)
        return self

    def fit(self, tracks: Sequence[HumanTrack]) -> tuple[list[HumanTrack], list[FitReport]]:
        """As :meth:`SMPLifyFit.fit`."""
        fitted, reports = self.fitter.fit(tracks)
        chosen = [self._choose(*parts) for parts in zip(tracks, fitted, reports, strict=True)]
        return [track for track, _ in chosen], [report for _, report in chosen]

    def _choose(self, track: HumanTrack, fitted: HumanTrack, report: FitReport) -> tuple[HumanTrack, FitReport]:
        better = report.after < report.before * (1 - self.margin)  # False for NaN: what cannot be measured stays
        kept = dict(report.kept)
        for frame, error in zip(report.frame_ids[~better].tolist(), report.before[~better], strict=True):
            kept.setdefault(frame, UNMEASURED if np.isnan(error) else NO_WORSE)
        changes = {}
        for name in FREE:
            old, new = getattr(track, name), getattr(fitted, name)
            changes[name] = np.where(better.reshape(-1, *[1] * (old.ndim - 1)), new, old)
        after = np.where(better, report.after, report.before)
        return track.replace(**changes), replace(report, after=after, guessed=report.guessed & better, kept=kept)
