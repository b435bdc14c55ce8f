"""Joins pieces of one person that a tracker took for several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from cliff_ext.registry import TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from .base import TrackTransform

MEMORY = 10
"""Frames from which a motion is estimated."""
FORGET = 10.
"""Frames after which an unseen motion is taken to have died down."""
IMPOSSIBLE = 1e6


@TRACK_TRANSFORMS.register_module()
class JoinTracks(TrackTransform):
    """Joins a track that ends with one that starts soon after, where motion and shape agree. Works on all tracks at once.

    Both boxes are carried over the gap, forwards and backwards, along their fading motion; where they should meet, their
    distance and size must agree. Of all possible pairs the set with the best total agreement is joined, so a person has one
    piece before and one after. The joined track keeps the identity of its first piece and has a gap, which
    :class:`Infill` can fill. Empty boxes (of files without boxes) never join.

    Args:
        max_gap: Most missing frames between two pieces.
        max_distance: Most disagreement of place, in heights of the person's box.
        max_resize: Largest factor between the boxes' heights.
        max_shape: Largest difference of the median betas (root mean square), where tracks have them.

    Raises:
        ValueError: A limit that allows nothing.
    """

    def __init__(self, max_gap: int = 60, max_distance: float = 0.75, max_resize: float = 1.5,
                 max_shape: float = 1.5) -> None:
        if max_gap < 1 or max_distance <= 0 or max_resize <= 1 or max_shape <= 0:
            raise ValueError('JoinTracks needs max_gap >= 1, max_distance > 0, max_resize > 1, max_shape > 0, got '
                             f'{max_gap}, {max_distance}, {max_resize}, {max_shape}')
        self.max_gap = max_gap
        self.max_distance = max_distance
        self.max_resize = max_resize
        self.max_shape = max_shape

    def __call__(self, track: HumanTrack) -> HumanTrack:
        """One track alone has nobody to be joined with."""
        return track

    def apply(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """Joins pieces; tracks come back in the order of their first pieces."""
        costs = np.array([[self.cost(a, b) for b in tracks] for a in tracks]).reshape(len(tracks), len(tracks))
        follower = {int(i): int(j) for i, j in zip(*linear_sum_assignment(np.minimum(costs, IMPOSSIBLE)), strict=True)
                    if np.isfinite(costs[i, j])}
        firsts = [i for i in range(len(tracks)) if i not in follower.values()]
        return [self._chain(tracks, first, follower) for first in firsts]

    @staticmethod
    def _chain(tracks: Sequence[HumanTrack], first: int, follower: dict[int, int]) -> HumanTrack:
        chain = [first]
        while chain[-1] in follower:
            chain.append(follower[chain[-1]])
        return tracks[first] if len(chain) == 1 else HumanTrack.concatenate([tracks[i] for i in chain])

    def cost(self, before: HumanTrack, after: HumanTrack) -> float:
        """Disagreement of two pieces, in [0, 3]; infinite where they cannot be one person."""
        if not len(before) or not len(after) or not _alike(before, after):
            return np.inf
        missing = int(after.frame_ids[0] - before.frame_ids[-1]) - 1
        if not 0 <= missing <= self.max_gap:
            return np.inf
        end, start = before[-MEMORY:], after[:MEMORY]
        if _heights(end).min() <= 0 or _heights(start).min() <= 0:
            return np.inf
        gap = missing + 1
        forward, backward = _carry(end, gap), _carry(start, -gap)
        here, there = _state(start)[0], _state(end)[-1]
        height = np.exp((here[2] + there[2]) / 2)
        distance = np.mean([np.hypot(*(a - b)[:2]) for a, b in ((forward, here), (backward, there))]) / height
        resize = abs(here[2] - there[2]) / np.log(self.max_resize)
        shape = 0.
        if before.betas is not None:
            difference = np.median(before.betas, 0) - np.median(after.betas, 0)
            shape = float(np.sqrt(np.square(difference).mean())) / self.max_shape
        parts = [float(distance) / self.max_distance, float(resize), shape]
        return sum(parts) if max(parts) <= 1 else np.inf


def _alike(a: HumanTrack, b: HumanTrack) -> bool:
    """Whether both hold the same fields, so that they can be concatenated."""
    same = all((a.rows()[name] is None) == (value is None) for name, value in b.rows().items())
    return same and all(getattr(a, name) == getattr(b, name)
                        for name in ('keypoints2d_skeleton', 'keypoints3d_skeleton', 'image_size'))


def _heights(track: HumanTrack) -> np.ndarray:
    return track.bboxes[:, 3] - track.bboxes[:, 1]


def _state(track: HumanTrack) -> np.ndarray:
    """Box centre in pixels and logarithm of its height, (T, 3)."""
    center = (track.bboxes[:, :2] + track.bboxes[:, 2:]) / 2
    return np.concatenate([center, np.log(_heights(track))[:, None]], 1).astype(np.float64)


def _carry(track: HumanTrack, frames: int) -> np.ndarray:
    """State (3,) ``frames`` after the last frame, or before the first one if negative; the motion fades away."""
    state = _state(track)
    edge = -1 if frames > 0 else 0
    if len(track) < 3:
        return state[edge]
    velocity = np.polyfit(track.frame_ids - track.frame_ids[edge], state, 1)[0]
    travelled = FORGET * (1 - np.exp(-abs(frames) / FORGET)) * np.sign(frames)
    return state[edge] + velocity * travelled
