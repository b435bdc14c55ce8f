"""Fills the frames in which a person was not seen."""

from __future__ import annotations

import numpy as np

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from .base import TrackTransform
from .classical import ROTATIONS
from .interpolate import Between, interpolate, interpolate_rotations, place


@TRACK_TRANSFORMS.register_module()
class Infill(TrackTransform):
    """Interpolates between the frames around a gap; extrapolates nothing, changes no frame that was there.

    Positions, boxes, translation, shape, camera and scores are interpolated linearly and rotations by slerp, the short way
    round; with ``smooth`` along curves without a kink that never leave the range between a gap's two ends.

    Args:
        max_gap: Gaps of more missing frames stay open.
        smooth: Continue the motion around the gap (C1) instead of straight lines.

    Raises:
        ValueError: ``max_gap`` below 1.
    """

    def __init__(self, max_gap: int = 30, smooth: bool = False) -> None:
        if max_gap < 1:
            raise ValueError(f'Infill: max_gap must be at least 1 frame, got {max_gap}')
        self.max_gap = max_gap
        self.smooth = smooth

    def __call__(self, track: HumanTrack) -> HumanTrack:
        frames = track.frame_ids
        missing = np.diff(frames) - 1
        gaps = np.flatnonzero((missing > 0) & (missing <= self.max_gap))
        if not len(gaps):
            return track
        wanted = np.concatenate([np.arange(frames[i] + 1, frames[i + 1]) for i in gaps])
        at = place(frames, wanted)
        order = np.argsort(np.concatenate([frames, wanted]), kind='stable')
        changes = {name: np.concatenate([value, self._between(name, value, at)])[order]
                   for name, value in track.rows().items() if value is not None}
        return track.replace(frame_ids=np.concatenate([frames, wanted])[order], **changes)

    def _between(self, name: str, value: np.ndarray, at: Between) -> np.ndarray:
        if name == 'filled':
            return np.ones(len(at.left), bool)
        if name in ROTATIONS:
            return interpolate_rotations(value, at, self.smooth).astype(np.float32)
        return interpolate(value, at, self.smooth).astype(np.float32)
