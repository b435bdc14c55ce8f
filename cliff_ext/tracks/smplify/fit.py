"""SMPLify as a track transform: bodies bent to 2D keypoints, all frames and people at once, alone or over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.registry import MODELS, TASK_UTILS, TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack, joint_map

from ..shape import weighted_median
from .base import Fit
from .minimize import Minimizer
from .report import FitReport, reprojection_error
from .stages import NEAREST, Stage
from .windows import FREE, FitBatch, TrackWriter, Window, cut_windows, stack_windows

NEEDED = (*FREE, 'focal_length', 'image_size')


@dataclass
class _Person:
    """A track on its way through a fit: its K usable keypoints (T, K, 3), and which frames can be fitted."""

    track: HumanTrack
    keypoints: np.ndarray
    usable: np.ndarray
    betas: np.ndarray
    kept: dict[int, str]


@TRACK_TRANSFORMS.register_module()
class SMPLifyFit(Fit):
    """Fits SMPL bodies to the tracks' 2D keypoints, starting from their estimates [Bogo et al., ECCV 2016].

    With ``window`` 1 each frame is fitted for itself and frames without usable keypoints keep their estimate. With longer
    windows a person has one shape, the stages' motion terms tie frames together, and frames without keypoints follow their
    neighbours; windows overlap and fade into each other, so memory does not grow with the film. Keypoints are never changed.

    Args:
        stages: Configs of :class:`Stage`, in order.
        minimizer: Config of a :class:`Minimizer`.
        body_model: Config of the body.
        window: Frames fitted together.
        overlap: Frames that windows share.
        person_size: Errors are measured as if a person's box were this many pixels high, so that weights mean the same in
            small and in large pictures; None measures pixels as they are, as the references do.
        min_joints: A frame with fewer keypoints is not fitted.
        max_frames: Frames in memory at a time.
        device: As torch's.

    Raises:
        ValueError: No stages, or windows that cannot overlap so.
    """

    def __init__(self, stages: Sequence[dict[str, Any] | Stage], minimizer: dict[str, Any] | None = None,
                 body_model: dict[str, Any] | SMPL | None = None, window: int = 1, overlap: int = 0,
                 person_size: float | None = 400., min_joints: int = 6, max_frames: int = 2048, device: str = 'cpu') -> None:
        if not stages or window < 1 or not 0 <= 2 * overlap <= window:
            raise ValueError('SMPLifyFit needs stages, window >= 1 and an overlap of at most half a window, got '
                             f'{len(stages)} stages, window {window}, overlap {overlap}')
        self.stages = [stage if isinstance(stage, Stage) else TASK_UTILS.build(stage) for stage in stages]
        self.minimizer: Minimizer = TASK_UTILS.build(minimizer or dict(type='BatchLBFGS'))
        self.body = body_model if isinstance(body_model, SMPL) else MODELS.build(body_model or dict(type='SMPLBody'))
        self.window, self.overlap = window, overlap
        self.person_size, self.min_joints, self.max_frames = person_size, min_joints, max_frames
        self.bodies: dict[str, tuple[SMPLJoints, np.ndarray]] = {}
        self.to(device)

    def to(self, device: str) -> SMPLifyFit:
        """Moves the priors and bodies."""
        self.device = device
        self.bodies.clear()
        for stage in self.stages:
            stage.to(device)
        return self

    def fit(self, tracks: Sequence[HumanTrack]) -> tuple[list[HumanTrack], list[FitReport]]:
        """Everybody at once, with a report for each track.

        Raises:
            ValueError: Tracks without SMPL parameters, focal length or image size, or of several skeletons.
        """
        skeletons = {track.keypoints2d_skeleton for track in tracks} - {None}
        if len(skeletons) > 1:
            raise ValueError(f'the tracks have keypoints of several skeletons, {sorted(skeletons)}; fit them apart')
        body, keypoint_rows = self.joints_of(skeletons.pop() if skeletons else 'openpose25')
        people = [self._person(track, keypoint_rows) for track in tracks]
        windows = [window for i, person in enumerate(people)
                   for window in cut_windows(person.track, i, person.usable, self.window, self.overlap)]
        writers = [TrackWriter(person.track) for person in people]
        totals = np.zeros(len(people))
        for window, values, loss in self._fit_windows(windows, people, body):
            if values is None:
                frames = people[window.person].track.frame_ids[window.start:window.stop].tolist()
                people[window.person].kept.update(dict.fromkeys(frames, 'since the fit diverged'))
            else:
                writers[window.person].add(window, values)
                totals[window.person] += loss
        fitted = [writer.result() for writer in writers]
        return fitted, [self._report(person, writer, after, float(total), body)
                        for person, writer, after, total in zip(people, writers, fitted, totals, strict=True)]

    def joints_of(self, skeleton: str) -> tuple[SMPLJoints, np.ndarray]:
        """The body's joints that a skeleton's keypoints show, and the rows (K,) of these keypoints.

        Raises:
            ValueError: No keypoint shows a joint of the body.
        """
        if skeleton not in self.bodies:
            rows, joints = joint_map('spin49', skeleton)
            if not len(rows):
                raise ValueError(f'skeleton {skeleton} has no joint in common with spin49, so bodies cannot be fitted to it')
            body = SMPLJoints(self.body, joints.tolist()).to(self.device)
            self.bodies[skeleton] = (body, rows)
        return self.bodies[skeleton]

    def _person(self, track: HumanTrack, rows: np.ndarray) -> _Person:
        missing = [name for name in NEEDED if getattr(track, name) is None]
        if missing:
            raise ValueError(f'{track} has no {", ".join(missing)}, which SMPLifyFit needs; fit the tracks of an estimator')
        if track.keypoints2d is None:
            keypoints, reasons = np.zeros((len(track), len(rows), 3), np.float32), ['as it has no keypoints'] * len(track)
        else:
            keypoints = track.keypoints2d[:, rows].copy()
            reasons = [self._unusable(points, box) for points, box in zip(keypoints, track.bboxes, strict=True)]
        usable = np.array([not reason for reason in reasons], bool)
        keypoints[~usable, :, 2] = 0
        betas = track.betas
        if self.window > 1 and usable.any():
            weights = np.maximum(track.scores, 1e-6) * usable
            betas = np.tile(weighted_median(betas[usable], weights[usable]), (len(track), 1))
        kept = {int(f): reason for f, reason in zip(track.frame_ids, reasons, strict=True) if reason}
        return _Person(track, keypoints, usable, betas, kept)

    def _unusable(self, keypoints: np.ndarray, box: np.ndarray) -> str:
        """Why a frame's keypoints (K, 3) cannot be fitted, '' if they can."""
        seen = keypoints[keypoints[:, 2] > 0]
        if not len(seen):
            return 'as it has no keypoints'
        if len(seen) < self.min_joints:
            return f'as fewer than {self.min_joints} of its keypoints show joints of the body'
        size = box[2:] - box[:2]
        if (size > 1).all():
            inside = (np.abs(seen[:, :2] - (box[:2] + box[2:]) / 2) < size).all(1)  # twice as wide and as high as the box
            if inside.mean() < 0.5:
                return "as its keypoints lie outside the person's box (of another picture or picture size?)"
        return ''

    def _fit_windows(self, windows: Sequence[Window], people: Sequence[_Person],
                     body: SMPLJoints) -> list[tuple[Window, dict[str, np.ndarray] | None, float]]:
        """Fits all windows; where a person has several longer ones, a second time with the shape they agree on."""
        parts = self._batches(windows)
        batches = [self._optimize(part, people, body) for part in parts]
        if self.window > 1:
            shapes = _common_shapes(parts, batches)
            batches = [self._refit(part, batch, shapes, body) for part, batch in zip(parts, batches, strict=True)]
        results: list[tuple[Window, dict[str, np.ndarray] | None, float]] = []
        for part, batch in zip(parts, batches, strict=True):
            values, losses = batch.arrays(), batch.loss.cpu().numpy()
            good = np.isfinite(losses) & (values['transl'][..., 2] > NEAREST).all(1) & np.all(
                [np.isfinite(value).reshape(len(part), -1).all(1) for value in values.values()], 0)
            results += [(window, {name: value[i] for name, value in values.items()} if good[i] else None, float(losses[i]))
                        for i, window in enumerate(part)]
        return results

    def _batches(self, windows: Sequence[Window]) -> list[list[Window]]:
        """Windows of one length, as many as memory allows."""
        lengths: dict[int, list[Window]] = {}
        for window in windows:
            lengths.setdefault(len(window), []).append(window)
        return [same[i:i + max(self.max_frames // length, 1)] for length, same in lengths.items()
                for i in range(0, len(same), max(self.max_frames // length, 1))]

    def _optimize(self, windows: list[Window], people: Sequence[_Person], body: SMPLJoints) -> FitBatch:
        """All stages on windows of one length."""
        batch = stack_windows(windows, [p.track for p in people], [p.keypoints for p in people],
                              [p.betas for p in people], self.person_size).to(self.device)
        for stage in self.stages:
            batch = stage(body, batch, self.minimizer)
        return batch

    def _refit(self, windows: list[Window], batch: FitBatch, shapes: dict[int, Tensor], body: SMPLJoints) -> FitBatch:
        """The last stage once more for windows whose person has several, with one shape that stays."""
        rows = [i for i, window in enumerate(windows) if window.person in shapes]
        if not rows:
            return batch
        part = replace(batch[rows], betas=torch.stack([shapes[windows[i].person] for i in rows]))
        return batch.with_rows(rows, self.stages[-1](body, part, self.minimizer, fixed=('betas', )))

    def _report(self, person: _Person, writer: TrackWriter, fitted: HumanTrack, loss: float,
                body: SMPLJoints) -> FitReport:
        guessed = writer.written & ~person.usable
        kept = {frame: why for frame, why in person.kept.items()
                if not writer.written[np.searchsorted(person.track.frame_ids, frame)]}
        errors = [reprojection_error(track, person.keypoints, body) for track in (person.track, fitted)]
        return FitReport(person.track.track_id, person.track.frame_ids, *errors, guessed, loss, kept)


def _common_shapes(parts: Sequence[list[Window]], batches: Sequence[FitBatch]) -> dict[int, Tensor]:
    """Shape (1, 10) of each person with several windows: their mean, weighted by how much was seen in each."""
    found: dict[int, list[tuple[Tensor, Tensor]]] = {}
    for windows, batch in zip(parts, batches, strict=True):
        seen = batch.keypoints[..., 2].sum((1, 2))
        for i, window in enumerate(windows):
            if batch.betas[i].isfinite().all():
                found.setdefault(window.person, []).append((seen[i], batch.betas[i]))
    return {person: sum(weight * betas for weight, betas in own) / sum(weight for weight, _ in own)
            for person, own in found.items() if len(own) > 1}
