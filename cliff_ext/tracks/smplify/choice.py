"""The better of a fit and the estimate it began with, as SPIN chooses [Kolotouros et al., ICCV 2019]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from ..base import TrackTransform
from .fit import SMPLifyFit
from .report import FitReport
from .windows import FREE


@TRACK_TRANSFORMS.register_module()
class FitOrPrediction(TrackTransform):
    """Fits, and keeps a frame's fit only where it reprojects better than the estimate; no frame gets worse by that measure.

    Args:
        fit: Config of an :class:`SMPLifyFit`.
        margin: Share of the estimate's error by which a fit must be better.

    Raises:
        ValueError: A margin outside [0, 1).
    """

    def __init__(self, fit: dict[str, Any] | SMPLifyFit, margin: float = 0.05) -> None:
        if not 0 <= margin < 1:
            raise ValueError(f'FitOrPrediction: margin must be in [0, 1), got {margin}')
        self.fitter: SMPLifyFit = fit if isinstance(fit, SMPLifyFit) else TRACK_TRANSFORMS.build(fit)
        self.margin = margin

    def to(self, device: str) -> FitOrPrediction:
        """Moves the fit."""
        self.fitter.to(device)
        return self

    def __call__(self, track: HumanTrack) -> HumanTrack:
        return self.apply([track])[0]

    def apply(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """Everybody at once; what kept its estimate goes to the log."""
        chosen, reports = self.fit(tracks)
        for line in (line for report in reports for line in report.problems()):
            print_log(line, 'current', 30)
        return chosen

    def fit(self, tracks: Sequence[HumanTrack]) -> tuple[list[HumanTrack], list[FitReport]]:
        """As :meth:`SMPLifyFit.fit`."""
        fitted, reports = self.fitter.fit(tracks)
        chosen = [self._choose(*pair) for pair in zip(tracks, fitted, reports, strict=True)]
        return chosen, reports

    def _choose(self, track: HumanTrack, fitted: HumanTrack, report: FitReport) -> HumanTrack:
        better = report.after < report.before * (1 - self.margin)  # False for NaN: what cannot be measured stays
        for frame in report.frame_ids[~better].tolist():
            report.kept.setdefault(frame, 'which reprojects as well as the fit')
        report.after = np.where(better, report.after, report.before)
        report.guessed = report.guessed & better
        changes = {}
        for name in FREE:
            old, new = getattr(track, name), getattr(fitted, name)
            changes[name] = np.where(better.reshape(-1, *[1] * (old.ndim - 1)), new, old)
        return track.replace(**changes)
