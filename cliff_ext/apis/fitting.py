"""Tracks fitted to 2D keypoints: what ``tools/fit.py`` and ``tools/inference.py --fit`` do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config

from cliff_ext.io import KeypointFile, load_keypoints, load_tracks, open_source, save_tracks
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import Fit, FitReport, TrackPipeline, attach_keypoints
from cliff_ext.visualization import plot_reprojection

from .fit_pictures import draw_fit
from .keypoints import MMPoseKeypoints
from .paths import config_root
from .refinement import build_track_pipeline


@dataclass
class FitResult:
    """What came out.

    Attributes:
        before: Tracks with their keypoints as they went into the fit.
        tracks: The same people, fitted.
        reports: One a track.
        notes: What a user should know, in words.
        seconds: Time in the pipeline.
        files: Written files by kind.
    """

    before: list[HumanTrack]
    tracks: list[HumanTrack]
    reports: list[FitReport]
    notes: list[str]
    seconds: float = 0.
    files: dict[str, Path] = field(default_factory=dict)

    def errors(self) -> tuple[float, float]:
        """Mean reprojection error before and after, pixels, over all frames that have keypoints."""
        before, after = (np.concatenate([np.empty(0), *(getattr(r, name) for r in self.reports)])
                         for name in ('before', 'after'))
        if not np.isfinite(before).any():
            return float('nan'), float('nan')
        return float(np.nanmean(before)), float(np.nanmean(after))


def fit_config(temporal: bool) -> Path:
    """The config that suits a video, or single pictures."""
    return config_root() / 'fit' / ('smplify_temporal.py' if temporal else 'smplify.py')


def build_fit_pipeline(config: str | Path | Config, body_model: dict[str, Any] | None = None, device: str = 'cpu',
                       options: dict[str, Any] | None = None) -> TrackPipeline:
    """The ``track_pipeline`` of a config for fitting, with another body than the config's if one is given.

    Raises:
        FileNotFoundError: No such config, body or pose prior.
        ValueError: A config without ``track_pipeline``, none or several fits in it, or a pose prior that does not match.
    """
    if not isinstance(config, Config):
        if not Path(config).is_file():
            raise FileNotFoundError(f'config not found: {config}')
        config = Config.fromfile(config)
    for step in config.get('track_pipeline', []) if body_model is not None else ():
        fit = step.get('fit', step)
        if fit.type == 'SMPLifyFit':
            fit.body_model = body_model
    pipeline = build_track_pipeline(config, None, device, options)
    _fit_of(pipeline)
    return pipeline


def fit_tracks(tracks: Sequence[HumanTrack], keypoints: KeypointFile, pipeline: TrackPipeline) -> FitResult:
    """Runs a pipeline that holds one fit; keypoints are attached just before it, so that none is ever interpolated.

    Raises:
        ValueError: No fit in the pipeline or several, or tracks that cannot be fitted.
    """
    place, fit = _fit_of(pipeline)
    start = time.perf_counter()
    tracks = TrackPipeline(pipeline.steps[:place])(tracks)
    before, notes = attach_keypoints(tracks, keypoints)
    fitted, reports = fit.fit(before)
    notes += [line for report in reports for line in report.problems()]
    fitted = TrackPipeline(pipeline.steps[place + 1:])(fitted)
    return FitResult(before, fitted, reports, notes, time.perf_counter() - start)


def _fit_of(pipeline: TrackPipeline) -> tuple[int, Fit]:
    """Place of the one fit in a pipeline, and the fit."""
    places = [i for i, step in enumerate(pipeline.steps) if isinstance(step, Fit)]
    if len(places) != 1:
        raise ValueError(f'a track_pipeline for fitting needs one SMPLifyFit or FitOrPrediction, this one has '
                         f'{len(places)}; take one of configs/fit')
    return places[0], pipeline.steps[places[0]]


def fit_file(source: str | Path, keypoints: str, target: str | Path, config: str | Path | Config,
             skeleton: str | None = None, keypoint_checkpoint: str | None = None, video: str | Path | None = None,
             pictures: str | Path | None = None, body_model: str | None = None, device: str = 'cpu',
             options: dict[str, Any] | None = None) -> FitResult:
    """Fits the people of a tracks file to keypoints and writes them as a tracks file.

    Args:
        source: Tracks file with SMPL people.
        keypoints: See :func:`cliff_ext.io.load_keypoints`; or config file or ``mmpose::`` name of a model to find them with.
        target: ``.npz`` to write.
        config: With a ``track_pipeline`` that holds a fit.
        skeleton: Of the keypoints, where the file does not say.
        keypoint_checkpoint: Weights of the model.
        video: What the tracks came from; for a model and for pictures. Default: what the tracks file says.
        pictures: Folder for keypoints and joints drawn before and after, and the curve of the reprojection error.
        body_model: SMPL file or folder instead of the config's.
        device: As torch's.
        options: Changes of the config.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: Files that do not fit each other; the message says how.
    """
    if Path(target).suffix != '.npz':
        raise ValueError(f'{target}: tracks are written as .npz')
    file = load_tracks(source)
    body = None if body_model is None else dict(type='SMPLBody', model_path=body_model)
    pipeline = build_fit_pipeline(config, body, device, options)
    film = str(video or file.source)
    if '::' in keypoints or keypoints.endswith('.py'):
        if keypoint_checkpoint is None:
            raise ValueError(f'{keypoints} needs weights: give --keypoint-checkpoint')
        found = MMPoseKeypoints(keypoints, keypoint_checkpoint, device).estimate(open_source(film), file.tracks)
    else:
        found = load_keypoints(keypoints, skeleton)
    result = fit_tracks(file.tracks, found, pipeline)
    save_tracks(target, result.tracks, file.image_size, file.fps, file.source)
    result.files['tracks'] = Path(target)
    if pictures is not None:
        folder = Path(pictures)
        result.files['curve'] = folder / 'reprojection.png'
        plot_reprojection(result.files['curve'], {f'person {r.track_id}': (r.frame_ids, r.before, r.after)
                                                  for r in result.reports})
        result.files['fit'] = draw_fit(open_source(film), result.before, result.tracks, folder, _fit_of(pipeline)[1].body)
    return result
