"""What every track transform is, and the pipeline that runs them in order.

Convention:
    A transform takes one :class:`HumanTrack` and returns a new one (``transform(track)``). Those that need to see everybody,
    such as :class:`JoinTracks`, override ``apply``, which takes all tracks of a film and returns all of them; for the others
    ``apply`` is the transform, track by track. A pipeline calls ``apply`` of each step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack


class TrackTransform(ABC):
    """Takes a person through time to the same person, better. Register with ``TRACK_TRANSFORMS``."""

    @abstractmethod
    def __call__(self, track: HumanTrack) -> HumanTrack:
        """A new track; the input is left as it is."""

    def apply(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """All people of a film."""
        return [self(track) for track in tracks]

    def to(self, device: str) -> TrackTransform:
        """Moves what has weights; most transforms have none."""
        return self


class TrackPipeline:
    """Track transforms in order.

    Args:
        steps: Configs of transforms, or transforms.

    Raises:
        TypeError: A step that is no :class:`TrackTransform`.
    """

    def __init__(self, steps: Sequence[dict[str, Any] | TrackTransform] = ()) -> None:
        self.steps = [step if isinstance(step, TrackTransform) else TRACK_TRANSFORMS.build(step) for step in steps]
        for step in self.steps:
            if not isinstance(step, TrackTransform):
                raise TypeError(f'a step of track_pipeline must be a TrackTransform, got {type(step).__name__}')

    def __call__(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """All people of a film."""
        tracks = list(tracks)
        for step in self.steps:
            tracks = step.apply(tracks)
        return tracks

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def multi_view(self) -> bool:
        """Whether a step takes tracks with one ``track_id`` for views of one person."""
        return any(getattr(step, 'multi_view', False) for step in self.steps)

    def to(self, device: str) -> TrackPipeline:
        """Moves the steps that have weights."""
        for step in self.steps:
            step.to(device)
        return self


def each_piece(track: HumanTrack, work: Callable[[HumanTrack], HumanTrack]) -> HumanTrack:
    """Applies ``work`` to each run of consecutive frames, since what works over time must not reach across a gap."""
    pieces = track.split_at_gaps()
    return HumanTrack.concatenate([work(piece) for piece in pieces]) if pieces else track
