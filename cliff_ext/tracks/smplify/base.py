"""What every fit is: a track transform that says what it did."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Sequence

from mmengine.logging import print_log

from cliff_ext.body_models import SMPL
from cliff_ext.structures import HumanTrack

from ..base import TrackTransform
from .report import FitReport


class Fit(TrackTransform):
    """Takes people to the same people, nearer to their 2D keypoints.

    Attributes:
        body: The body that is fitted.
    """

    body: SMPL

    @abstractmethod
    def fit(self, tracks: Sequence[HumanTrack]) -> tuple[list[HumanTrack], list[FitReport]]:
        """Everybody at once, with a report for each track."""

    def __call__(self, track: HumanTrack) -> HumanTrack:
        return self.apply([track])[0]

    def apply(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """Everybody at once; what kept its estimate goes to the log."""
        fitted, reports = self.fit(tracks)
        for line in (line for report in reports for line in report.problems()):
            print_log(line, 'current', logging.WARNING)
        return fitted
