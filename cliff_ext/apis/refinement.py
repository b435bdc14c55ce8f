"""Pose files through a track pipeline: what ``tools/refine.py`` does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import DefaultScope

from cliff_ext.body_models import SMPL
from cliff_ext.datasets.pose_sources import REPRESENTATIONS
from cliff_ext.io import PoseFile, open_pose_file
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import TrackPipeline

POSED = dict(smpl24='smpl_joints', spin49='joints')
"""Skeletons that a body model can pose, and the name of its output."""
CHUNK = 64


@dataclass
class RefineReport:
    """What happened to a file.

    Attributes:
        people: Tracks written.
        frames: Their frames.
        not_finite: Rows of the input that were NaN or infinite, treated as gaps.
        filled: Frames that a pipeline filled in.
        seconds: Time in the pipeline.
        notes: What a user should know, in words.
    """

    people: int
    frames: int
    not_finite: int
    filled: int
    seconds: float
    notes: list[str] = field(default_factory=list)


def build_track_pipeline(config: str | Path | Config, checkpoint: str | None = None, device: str = 'cpu',
                         options: dict[str, Any] | None = None) -> TrackPipeline:
    """The ``track_pipeline`` of a config.

    A config that trains a refiner and has none gets infill and that refiner, on the representation it is tested on.

    Args:
        config: File or config with ``track_pipeline``, or of a refiner's training.
        checkpoint: Weights of its one learned step instead of the config's.
        device: As torch's.
        options: Further changes of the config.

    Raises:
        FileNotFoundError: No such config, or its checkpoint is missing.
        ValueError: Neither, or not exactly one step that takes the checkpoint.
    """
    if not isinstance(config, Config):
        if not Path(config).is_file():
            raise FileNotFoundError(f'config not found: {config}')
        config = Config.fromfile(config)
    config.merge_from_dict(options or {})
    steps = config.get('track_pipeline') or _steps_of_training(config)
    if not steps:
        raise ValueError(f"{config.filename} has no track_pipeline=[dict(type='LearnedRefine', ...)], so there is nothing "
                         'to do; take one of configs/synsp/*mocap* or configs/video/*_synsp.py')
    learned = [step for step in steps if 'checkpoint' in step or 'model' in step]
    if checkpoint is not None:
        if len(learned) != 1:
            raise ValueError(f'--checkpoint is for the one learned step of a track_pipeline, {config.filename} has '
                             f'{len(learned)}')
        learned[0].checkpoint = checkpoint
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return TrackPipeline(steps).to(device)


def _steps_of_training(config: Config) -> list[ConfigDict]:
    """Infill and the refiner that a training config describes; none for other configs."""
    layout = config.get('test_dataloader', {}).get('dataset', {}).get('layout')
    if 'model' not in config or layout is None:
        return []
    refine = dict(type='LearnedRefine', model=config.model, checkpoint=config.get('load_from'),
                  on=REPRESENTATIONS[layout.representation], multi_view=layout.type == 'MultiViewLayout')
    return [ConfigDict(type='Infill'), ConfigDict(refine)]


def refine_file(source: str | Path, target: str | Path, config: str | Path | Config, checkpoint: str | None = None,
                body_model: str | None = None, device: str = 'cpu', options: dict[str, Any] | None = None) -> RefineReport:
    """Runs a track pipeline over a pose file of any known layout and writes the same layout.

    Args:
        source: See :func:`cliff_ext.io.open_pose_file`.
        target: ``.npz`` to write; may be the source.
        config: See :func:`build_track_pipeline`.
        checkpoint: Weights instead of the config's.
        body_model: SMPL file or folder, or ``open`` for the open body, with which 3D joints that lie beside SMPL parameters
            are posed anew.
        device: As torch's.
        options: Further changes of the config.

    Raises:
        FileNotFoundError: The file, config, checkpoint or body model is missing.
        UnsafePickleError: The file could run code.
        ValueError: An unknown layout, a target that is no ``.npz``, or poses that the pipeline cannot take.
    """
    if Path(target).suffix != '.npz':
        raise ValueError(f'{target}: pose files are written as .npz')
    file = open_pose_file(source)
    pipeline = build_track_pipeline(config, checkpoint, device, options)
    notes = list(file.notes)
    start = time.perf_counter()
    tracks = _run(pipeline, file)
    seconds = time.perf_counter() - start
    if body_model is not None:
        body = SMPL(None if body_model == 'open' else body_model)
        tracks = [pose_joints(track, body) for track in tracks]
    notes += _remarks(file, tracks)
    file.save(target, tracks)
    known = {track.track_id: track.frame_ids for track in file.tracks}
    filled = sum(int((~np.isin(t.frame_ids, known.get(t.track_id, ())) & t.filled).sum()) for t in tracks)
    return RefineReport(len(tracks), sum(map(len, tracks)), file.gaps, filled, seconds, notes)


def _run(pipeline: TrackPipeline, file: PoseFile) -> list[HumanTrack]:
    """The file's tracks through the pipeline; views of one recording share an identity on the way where a step wants it."""
    if not pipeline.multi_view:
        return pipeline(file.tracks)
    recordings = file.recordings()
    views = [track.replace(track_id=recordings[track.track_id]) for track in file.tracks]
    return [new.replace(track_id=old.track_id) for new, old in zip(pipeline(views), file.tracks, strict=True)]


def _remarks(file: PoseFile, tracks: Sequence[HumanTrack]) -> list[str]:
    notes = []
    if not tracks:
        notes.append('no row is finite: the file was written as it was')
    holes = sum(max(len(track.split_at_gaps()) - 1, 0) for track in tracks)
    if holes:
        notes.append(f'{holes} gaps are still open: Infill(max_gap=…) of the config decides which are filled')
    left = file.gaps - sum(int(np.isin(file.frame[(file.identity == t.track_id) & ~file.finite], t.frame_ids).sum())
                           for t in tracks)
    if left:
        notes.append(f'{left} rows that are not finite, at the ends or in gaps too long to fill, were left as they were')
    still = _left_alone(file.tracks, tracks)
    if still:
        notes.append(f'{" and ".join(still)} lie beside what was refined and were not refined themselves' +
                     ('; 3D joints can be posed anew with --body-model' if 'keypoints3d' in still else ''))
    return notes


def _left_alone(before: Sequence[HumanTrack], after: Sequence[HumanTrack]) -> list[str]:
    """Which of the poses that the tracks hold a pipeline did not change where it changed others."""
    changed: dict[str, bool] = {}
    old = {track.track_id: track for track in before}
    for track in after:
        source = old.get(track.track_id)
        for name in ('body_pose', 'keypoints3d', 'keypoints2d'):
            if source is not None and getattr(track, name) is not None:
                here, there = (np.isin(*pair) for pair in ((track.frame_ids, source.frame_ids),
                                                           (source.frame_ids, track.frame_ids)))
                same = np.array_equal(getattr(track, name)[here], getattr(source, name)[there])
                changed[name] = changed.get(name, False) or not same
    return [name for name, value in changed.items() if not value and any(changed.values())]


@torch.no_grad()
def pose_joints(track: HumanTrack, body: SMPL) -> HumanTrack:
    """A track whose ``keypoints3d`` follow its SMPL parameters; one without either, or of another skeleton, as it was."""
    name = POSED.get(track.keypoints3d_skeleton or '')
    params = (track.global_orient, track.body_pose, track.betas, track.transl)
    if name is None or any(value is None for value in params):
        return track
    parts = [getattr(body(*(torch.from_numpy(value[i:i + CHUNK]) for value in params)), name).numpy()
             for i in range(0, len(track), CHUNK)]
    return track.replace(keypoints3d=np.concatenate(parts))
