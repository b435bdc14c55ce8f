"""From a video, an image, a folder or a glob to SMPL people or 3D joints in the full camera, and pictures of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from tqdm import tqdm

from cliff_ext.io import FrameSource, load_keypoints, open_source, save_cliff_npz, save_tracks
from cliff_ext.registry import INFERENCERS, MODELS, TASK_UTILS
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import TrackPipeline

from .detection import clean
from .estimation import TrackRows, one_box_each
from .fitting import build_fit_pipeline, fit_config, fit_tracks
from .paths import config_root
from .pictures import KINDS, draw_tracks
from .streaming import StageClock, batched, prefetch, whole_groups


class InferenceError(RuntimeError):
    """Nothing useful could be computed; the message says why and what to do."""


@dataclass
class InferenceResult:
    """What came out.

    Attributes:
        tracks: People, in order of identity.
        image_size: (width, height) of the frames.
        fps: Frames a second, None for images.
        files: Written files by kind.
        problems: What went wrong on the way, each naming its frame.
        num_frames: Frames read.
        seconds: Time spent in each stage.
        complete: Whether every frame was worked on; an interruption or error on the way is among the problems.
    """

    tracks: list[HumanTrack]
    image_size: tuple[int, int]
    fps: float | None
    files: dict[str, Path] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    num_frames: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    complete: bool = True


@INFERENCERS.register_module()
class HumanMeshInferencer:
    """Detection, identity, estimation, track pipeline, files and pictures, composed by a config.

    Args:
        config: File or ``Config`` with ``detector``, ``identity``, ``estimator``, ``body_model`` (None where the estimator
            gives joints), ``track_pipeline``, ``score_thr``, ``max_people``, ``min_frames``; the embedded demo if None.
        checkpoint: Weights of the estimator instead of the config's.
        detector_checkpoint: Weights of the detector instead of the config's.
        boxes: Json file of boxes instead of a detector.
        single: Follow one person only.
        keypoints: 2D keypoints to fit the people to, see :func:`cliff_ext.io.load_keypoints`.
        fit: Config of the fit; by default one over time for videos, and frame by frame for images.
        device: As torch's.
        cfg_options: Further changes of the config.

    Raises:
        FileNotFoundError: A config, checkpoint, body model or keypoint file is missing; the message says where to get it.
        CheckpointError: A checkpoint of another model.
        ValueError: Keypoints or a config of a fit that cannot be used, or a fit where there are no bodies.

    Example:
        >>> result = HumanMeshInferencer()('video.mp4', out_dir='outputs/video')  # doctest: +SKIP
        >>> result.tracks[0].transl  # doctest: +SKIP
    """

    def __init__(self, config: str | Path | Config | None = None, checkpoint: str | None = None,
                 detector_checkpoint: str | None = None, boxes: str | None = None, single: bool = False,
                 device: str = 'cpu', cfg_options: dict[str, Any] | None = None, keypoints: str | Path | None = None,
                 fit: str | Path | Config | None = None) -> None:
        self.cfg = _load_config(config)
        if cfg_options:
            self.cfg.merge_from_dict(cfg_options)
        if (keypoints is not None or fit is not None) and not self.cfg.get('body_model'):
            raise ValueError("a fit to keypoints moves SMPL bodies; this config's estimator gives joints and has no "
                             'body_model. Take a config with bodies, as configs/video/demo.py, or leave the fit out')
        if checkpoint:
            if 'checkpoint' not in self.cfg.estimator:
                raise ValueError('the estimator of this config has several networks; name their weights with --cfg-options '
                                 'estimator.root.checkpoint=… estimator.pose.checkpoint=…')
            self.cfg.estimator.checkpoint = checkpoint
        if boxes:
            self.cfg.detector = dict(type='BoxFile', file=boxes)
        elif detector_checkpoint:
            self.cfg.detector.checkpoint = detector_checkpoint
        self.single = single
        self.device = _usable(device)
        self.estimator = TASK_UTILS.build({'type': 'Estimator', **self.cfg.estimator, 'device': device})
        size = self.estimator.batch_size
        if not isinstance(size, int) or size < 1:
            raise ValueError(f'estimator.batch_size must be a whole number from 1 on, got {size!r}')
        where = {} if self.cfg.detector.type == 'BoxFile' else {'device': device}
        self.detector = TASK_UTILS.build({**self.cfg.detector, **where})
        self.body = MODELS.build(self.cfg.body_model) if self.cfg.get('body_model') else None
        self.track_pipeline = TrackPipeline(self.cfg.get('track_pipeline', [])).to(device)
        self.keypoints = None if keypoints is None else load_keypoints(keypoints)
        self.fit = None if fit is None else build_fit_pipeline(fit, self.cfg.body_model, device)

    def __call__(self, inputs: str | Path, out_dir: str | Path | None = None, render: Sequence[str] = ('overlay', 'side'),
                 formats: Sequence[str] = ('tracks', ), progress: bool = True) -> InferenceResult:
        """Runs everything on one input.

        Args:
            inputs: Video, image, folder of images, or glob.
            out_dir: Where files go; None writes nothing.
            render: Pictures to draw, of ``overlay``, ``side``, ``top``, ``boxes``.
            formats: ``tracks`` (our npz), ``cliff`` (the keys of CLIFF's demo; SMPL people only).
            progress: Show bars.

        Raises:
            MediaError: The input holds no pictures.
            InferenceError: No frame could be read.
            ValueError: Unknown pictures, or CLIFF's keys for joints.
        """
        unknown = set(render) - set(KINDS)
        if unknown:
            raise ValueError(f'unknown pictures {sorted(unknown)}; known: {", ".join(KINDS)}')
        if 'cliff' in formats and self.body is None:
            raise ValueError("the format cliff is for SMPL people, this config's estimator gives joints; take tracks")
        source = self.preprocess(inputs)
        result = self.forward(source, progress)
        if out_dir is not None:
            self.postprocess(result, source, Path(out_dir), formats)
            if result.complete:
                self.visualize(result, source, Path(out_dir), render, progress)
        return result

    def preprocess(self, inputs: str | Path) -> FrameSource:
        """Opens the input."""
        return open_source(inputs)

    def forward(self, source: FrameSource, progress: bool = True) -> InferenceResult:
        """Frames to tracks, streaming; an interruption or error on the way keeps what was computed before."""
        identity = self._identity(source)
        rows, clock, problems = TrackRows(self.estimator.constants), StageClock(), []
        size, frames, pending, complete = (0, 0), 0, [], False
        bar = tqdm(total=source.num_frames, desc='estimating', unit='frame', disable=not progress)
        try:
            for batch in batched(prefetch(source), self.cfg.get('frame_batch', 4)):
                size = batch[-1][2].shape[1::-1]
                pending += self._people(batch, identity, clock, problems)
                frames += len(batch)
                while len(pending) >= self.estimator.batch_size:
                    ready = whole_groups([frame for frame, *_ in pending], self.estimator.batch_size)
                    self._estimate(pending[:ready], rows, clock, problems)
                    pending = pending[ready:]
                bar.update(len(batch))
                bar.set_postfix_str(f'{rows.count + len(pending)} people')
            self._estimate(pending, rows, clock, problems)
            complete = True
        except (Exception, KeyboardInterrupt) as error:
            if not rows.count:
                raise
            problems.append(f'stopped after {frames} frames by {_reason(error)}; the people seen until then are kept, '
                            'no pictures are drawn')
        finally:
            bar.close()
        problems += source.problems
        if not frames:
            raise InferenceError(f'{source.source}: no frame could be read. ' + ' '.join(problems))
        problems += self._drop_brief(rows, source, frames)
        with clock.stage('track pipeline'):
            tracks = self.track_pipeline(rows.tracks()) if source.is_video else rows.tracks()
        if self.keypoints is not None:
            with clock.stage('fit'):
                tracks = self._fit(tracks, source, problems)
        sizes = {track.image_size for track in tracks} - {size}
        if sizes:
            problems.append(f'frames differ in size: image_size in the tracks file is the last one, {size[0]}x{size[1]}')
        return InferenceResult(tracks, size, source.fps, problems=problems, num_frames=frames, seconds=clock.seconds,
                               complete=complete)

    def postprocess(self, result: InferenceResult, source: FrameSource, out_dir: Path, formats: Sequence[str]) -> None:
        """Writes the tracks."""
        out_dir.mkdir(parents=True, exist_ok=True)
        unknown = set(formats) - {'tracks', 'cliff'}
        if unknown:
            raise ValueError(f'unknown formats {sorted(unknown)}; known: tracks, cliff')
        if 'tracks' in formats:
            result.files['tracks'] = out_dir / 'tracks.npz'
            save_tracks(result.files['tracks'], result.tracks, result.image_size, result.fps, source.source)
        if 'cliff' in formats:
            result.files['cliff'] = out_dir / 'cliff.npz'
            stem = Path(source.source).stem
            names = ({i: f'{stem}_{i:06d}' for i in range(result.num_frames)} if source.images is None else
                     {i: path.name for i, path in enumerate(source.images)})
            save_cliff_npz(result.files['cliff'], result.tracks, names, [self.joints(track) for track in result.tracks])

    def visualize(self, result: InferenceResult, source: FrameSource, out_dir: Path, render: Sequence[str],
                  progress: bool = True) -> None:
        """Draws the pictures; where that fails, the tracks are there all the same."""
        if not render:
            return
        clock = StageClock()
        try:
            with clock.stage('drawing'):
                result.files.update(draw_tracks(source, result.tracks, self.body, render, out_dir, progress))
        except (Exception, KeyboardInterrupt) as error:
            result.problems.append(f'drawing {", ".join(render)} was stopped by {_reason(error)}; the tracks are kept')
        result.seconds.update(clock.seconds)

    def joints(self, track: HumanTrack) -> np.ndarray:
        """SMPL's 24 joints of a track (T, 24, 3), metres, camera frame."""
        parts = []
        for start in range(0, len(track), 64):
            part = track[start:start + 64]
            with torch.no_grad():
                out = self.body(*(torch.from_numpy(v) for v in (part.global_orient, part.body_pose, part.betas,
                                                                part.transl)))
            parts.append(out.smpl_joints.numpy())
        return np.concatenate(parts)

    def _fit(self, tracks: Sequence[HumanTrack], source: FrameSource, problems: list[str]) -> list[HumanTrack]:
        """Fitted tracks; where a fit fails, what took so long to estimate is there all the same."""
        pipeline = self.fit or build_fit_pipeline(fit_config(source.is_video), self.cfg.body_model, self.device)
        try:
            result = fit_tracks(tracks, self.keypoints, pipeline)
        except (Exception, KeyboardInterrupt) as error:
            problems.append(f'the fit was stopped by {_reason(error)}; the estimates are kept')
            return list(tracks)
        problems += result.notes
        return result.tracks

    def _identity(self, source: FrameSource) -> Any:
        if self.single:
            return TASK_UTILS.build(dict(type='BestPerson'))
        return TASK_UTILS.build(self.cfg.identity if source.is_video else dict(type='FrameBoxes'))

    def _drop_brief(self, rows: TrackRows, source: FrameSource, frames: int) -> list[str]:
        """Drops a detector's passing false alarms in a video, and says so; boxes that a user gave are never doubted."""
        given = self.cfg.detector.type == 'BoxFile'
        least = min(self.cfg.get('min_frames', 1), frames)
        if given or self.single or not source.is_video:
            return []
        dropped = rows.drop_brief(least)
        return [f'{dropped} people seen in fewer than {least} frames were taken for false alarms and left out; '
                '--cfg-options min_frames=1 keeps them'] if dropped else []

    def _people(self, batch: list[tuple[int, str, np.ndarray]], identity: Any, clock: StageClock,
                problems: list[str]) -> list[tuple]:
        """Packed crops of everybody in a few frames: (frame, identity, box, score, crop)."""
        with clock.stage('detection'):
            found = [boxes for run in _runs(batch) for boxes in self.detector(run[0][0], [image for *_, image in run])]
        people = []
        for (frame, _, image), boxes in zip(batch, found, strict=True):
            size = image.shape[1::-1]
            boxes, bad = clean(boxes, size, self.cfg.get('score_thr', 0.3), self.cfg.get('max_people', 50))
            if bad:
                problems.append(f'frame {frame}: {bad} boxes were NaN, empty or outside the image, and dropped')
            with clock.stage('tracking'):
                boxes, ids = identity(frame, boxes, size)
            with clock.stage('crops'):
                people += [(frame, who, bbox, score, self.estimator.crop(image, bbox, self.cfg.get('focal_length'), frame))
                           for who, bbox, score in one_box_each(boxes, ids)]
        return people

    def _estimate(self, people: list[tuple], rows: TrackRows, clock: StageClock, problems: list[str]) -> None:
        if not people:
            return
        with clock.stage('estimation'):
            samples = self.estimator([crop for *_, crop in people])
        for (frame, who, bbox, score, _), sample in zip(people, samples, strict=True):
            try:
                rows.add(frame, who, bbox, score, sample.image_size, self.estimator.row(sample))
            except ValueError as error:
                problems.append(f'frame {frame}, person {who}: {error}; skipped')


def _runs(batch: list[tuple[int, str, np.ndarray]]) -> list[list[tuple[int, str, np.ndarray]]]:
    """Cuts a batch where the picture size changes or a frame is missing."""
    runs: list[list[tuple[int, str, np.ndarray]]] = []
    for item in batch:
        fits = runs and runs[-1][-1][0] + 1 == item[0] and runs[-1][-1][2].shape == item[2].shape
        if fits:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _reason(error: BaseException) -> str:
    return f'{type(error).__name__}: {error}' if str(error) else type(error).__name__


def _usable(device: str) -> str:
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InferenceError(f'device {device} cannot be used here, try --device cpu: {error}') from error
    return device


def _load_config(config: str | Path | Config | None) -> Config:
    if isinstance(config, Config):
        return config
    path = Path(config) if config is not None else config_root() / 'video' / 'demo.py'
    if not path.is_file():
        raise FileNotFoundError(f'config not found: {path}')
    return Config.fromfile(path)


