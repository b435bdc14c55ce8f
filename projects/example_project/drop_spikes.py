"""A refiner of one's own: frames in which a body snaps away and back are dropped, so that ``Infill`` can fill them."""

from __future__ import annotations

import math

import numpy as np
import torch

from cliff_ext.geometry import geodesic_distance
from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import TrackTransform


@TRACK_TRANSFORMS.register_module()
class DropSpikes(TrackTransform):
    """Drops a frame where a joint is turned far from the frames before and after it, while those two agree.

    Only frames whose neighbours were both seen are judged. Put ``Infill`` behind it.

    Args:
        max_angle: Degrees from a neighbour up to which a turn is believed.

    Raises:
        ValueError: ``max_angle`` is not between 0 and 180, or a track has no SMPL pose.
    """

    def __init__(self, max_angle: float = 30.) -> None:
        if not 0 < max_angle < 180:
            raise ValueError(f'DropSpikes: max_angle must lie between 0 and 180 degrees, got {max_angle}')
        self.limit = math.radians(max_angle)

    def __call__(self, track: HumanTrack) -> HumanTrack:
        return track[~self.spikes(track)]

    def spikes(self, track: HumanTrack) -> np.ndarray:
        """Which frames (T,) are spikes."""
        if track.body_pose is None:
            raise ValueError(f'DropSpikes: {track} has no SMPL pose')
        found = np.zeros(len(track), bool)
        if len(track) < 3:
            return found
        rotmats = torch.from_numpy(np.concatenate([track.global_orient[:, None], track.body_pose], 1))
        away = geodesic_distance(rotmats[:-1], rotmats[1:]) > self.limit    # (T - 1, 24)
        back = geodesic_distance(rotmats[:-2], rotmats[2:]) <= self.limit   # (T - 2, 24)
        neighbours = track.frame_ids[2:] - track.frame_ids[:-2] == 2
        found[1:-1] = (away[:-1] & away[1:] & back).any(1).numpy() & neighbours
        return found
