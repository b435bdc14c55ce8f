"""Runs of frames to be fitted together, cut from tracks and put back.

Convention:
    A window is one problem: F consecutive frames of one person with one shape. SMPLify's fit of single frames is windows of
    one frame. Windows of one length are fitted as a batch, whoever they belong to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import roma
import torch
from torch import Tensor

from cliff_ext.geometry import rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.structures import HumanTrack

FREE = ('global_orient', 'body_pose', 'betas', 'transl')


@dataclass(frozen=True)
class Window:
    """Rows ``start`` to ``stop`` of the track number ``person``."""

    person: int
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass
class FitBatch:
    """Windows as tensors; pixels may be scaled, keypoints, focal length and principal point alike.

    Attributes:
        keypoints: (B, F, K, 3) x, y, confidence; confidence 0 where there is none.
        focal_length: (B, F) pixels.
        principal_point: (B, F, 2) pixels.
        observed: (B, F) bool, frames with an estimate of their own (not infilled).
        global_orient: (B, F, 3, 3) start.
        body_pose: (B, F, 69) start, axis-angle.
        betas: (B, 1, 10) start.
        transl: (B, F, 3) start, metres.
        estimate: (B, F, 24, 3, 3) rotations that the whole fit began with.
        loss: (B,) of the stage that came last.
    """

    keypoints: Tensor
    focal_length: Tensor
    principal_point: Tensor
    observed: Tensor
    global_orient: Tensor
    body_pose: Tensor
    betas: Tensor
    transl: Tensor
    estimate: Tensor
    loss: Tensor

    def __getitem__(self, rows: list[int]) -> FitBatch:
        return FitBatch(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def to(self, device: str) -> FitBatch:
        """The same windows on a device."""
        return FitBatch(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})

    def with_rows(self, rows: list[int], part: FitBatch) -> FitBatch:
        """A copy in which some windows are exchanged for those of ``part``."""
        content = {f.name: getattr(self, f.name).clone() for f in fields(self)}
        for name, value in content.items():
            value[rows] = getattr(part, name)
        return FitBatch(**content)

    def arrays(self) -> dict[str, np.ndarray]:
        """The bodies' parameters as rows (B, F, ...), rotations as matrices."""
        count, frames = self.transl.shape[:2]
        values = dict(global_orient=self.global_orient, body_pose=rotvec_to_rotmat(self.body_pose.unflatten(2, (23, 3))),
                      betas=self.betas.expand(count, frames, -1), transl=self.transl)
        return {name: value.cpu().numpy() for name, value in values.items()}


def cut_windows(track: HumanTrack, person: int, usable: np.ndarray, length: int, overlap: int) -> list[Window]:
    """Windows over a track that hold at least one usable frame (T,) bool; single frames if ``length`` is 1."""
    if length == 1:
        return [Window(person, row, row + 1) for row in np.flatnonzero(usable).tolist()]
    cuts = np.flatnonzero(np.diff(track.frame_ids) > 1) + 1
    bounds = [0, *cuts.tolist(), len(track)]
    windows = [Window(person, start, stop) for a, b in zip(bounds, bounds[1:], strict=False)
               for start, stop in _cover(a, b, length, overlap)]
    return [window for window in windows if usable[window.start:window.stop].any()]


def _cover(first: int, end: int, length: int, overlap: int) -> list[tuple[int, int]]:
    if end - first <= length:
        return [(first, end)]
    starts = [*range(first, end - length, length - overlap), end - length]
    return [(start, start + length) for start in starts]


def stack_windows(windows: Sequence[Window], tracks: Sequence[HumanTrack], keypoints: Sequence[np.ndarray],
                  betas: Sequence[np.ndarray], person_size: float | None) -> FitBatch:
    """Windows of one length as a batch.

    Args:
        windows: B windows.
        tracks: People with SMPL parameters, ``focal_length`` and ``image_size``.
        keypoints: (T, K, 3) of each track; rows that must not count have confidence 0.
        betas: (T, 10) of each track, the shape to start with; a window takes its first frame's.
        person_size: Pixels are scaled so that people's boxes are this high; None leaves them.
    """

    def rows(name: str) -> Tensor:
        return torch.from_numpy(np.stack([getattr(tracks[w.person], name)[w.start:w.stop] for w in windows]))

    sizes = torch.tensor([tracks[w.person].image_size for w in windows], dtype=torch.float32)
    scale = torch.ones(len(windows)) if person_size is None else person_size / torch.tensor(
        [_height(tracks[w.person], keypoints[w.person], w) for w in windows], dtype=torch.float32)
    points = torch.from_numpy(np.stack([keypoints[w.person][w.start:w.stop] for w in windows]).astype(np.float32))
    points[..., :2] *= scale[:, None, None, None]
    return FitBatch(
        keypoints=points,
        focal_length=rows('focal_length') * scale[:, None],
        principal_point=(sizes / 2 * scale[:, None])[:, None].expand(-1, len(windows[0]), 2),
        observed=~rows('filled'),
        global_orient=rows('global_orient'),
        body_pose=rotmat_to_rotvec(rows('body_pose')).flatten(2),
        betas=torch.from_numpy(np.stack([betas[w.person][w.start] for w in windows]))[:, None].float(),
        transl=rows('transl'),
        estimate=torch.cat([rows('global_orient')[:, :, None], rows('body_pose')], 2),
        loss=torch.zeros(len(windows)))


def _height(track: HumanTrack, keypoints: np.ndarray, window: Window) -> float:
    """Height in pixels of a person in a window: of the boxes, or of the keypoints where a file gave no boxes."""
    boxes = track.bboxes[window.start:window.stop]
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    if height > 1:
        return height
    points = keypoints[window.start:window.stop]
    heights = [np.ptp(frame[frame[:, 2] > 0, 1]) for frame in points if (frame[:, 2] > 0).any()]
    return max(float(np.median(heights)) if heights else 0., 1.)


class TrackWriter:
    """Gathers fitted windows of one track; where they overlap they fade into each other."""

    def __init__(self, track: HumanTrack) -> None:
        self.track = track
        self.weight = np.zeros(len(track))
        self.sums = {name: np.zeros(getattr(track, name).shape) for name in FREE}

    def add(self, window: Window, values: dict[str, np.ndarray]) -> None:
        """Takes the rows (F, ...) of ``FREE``, rotations as matrices, of one window."""
        count = len(window)
        weight = np.minimum(np.arange(1, count + 1), np.arange(count, 0, -1)).astype(float)
        rows = slice(window.start, window.stop)
        self.weight[rows] += weight
        for name, value in values.items():
            self.sums[name][rows] += weight.reshape(-1, *[1] * (value.ndim - 1)) * value

    @property
    def written(self) -> np.ndarray:
        """Frames (T,) bool that a window covered."""
        return self.weight > 0

    def result(self) -> HumanTrack:
        """The track with what was written; other frames as they were."""
        rows = self.written
        if not rows.any():
            return self.track
        changes = {}
        for name, total in self.sums.items():
            mean = total[rows] / self.weight[rows].reshape(-1, *[1] * (total.ndim - 1))
            if total.ndim > 2:  # rotations: the nearest one to the mean of matrices
                mean = roma.special_procrustes(torch.from_numpy(mean)).numpy()
            value = getattr(self.track, name).copy()
            value[rows] = mean
            changes[name] = value
        return self.track.replace(**changes)
