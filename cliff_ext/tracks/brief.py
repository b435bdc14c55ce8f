"""Leaves out people who were hardly seen."""

from __future__ import annotations

from collections.abc import Sequence

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from .base import TrackTransform


@TRACK_TRANSFORMS.register_module()
class DropBrief(TrackTransform):
    """Drops people seen in few frames, who are mostly a detector's false alarms. Works on all tracks at once.

    Put it after :class:`JoinTracks`, which mends people that were torn apart, and before :class:`Infill`.

    Args:
        min_frames: Fewest frames in which somebody must have been seen.

    Raises:
        ValueError: ``min_frames`` below 1.
    """

    def __init__(self, min_frames: int = 5) -> None:
        if min_frames < 1:
            raise ValueError(f'DropBrief: min_frames must be at least 1, got {min_frames}')
        self.min_frames = min_frames

    def __call__(self, track: HumanTrack) -> HumanTrack:
        """One track alone is kept; dropping it takes :meth:`apply`."""
        return track

    def apply(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """The others, in order."""
        return [track for track in tracks if (~track.filled).sum() >= self.min_frames]
