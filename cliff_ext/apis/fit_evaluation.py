"""What a fit gains: keypoints of true bodies are spoiled as detectors spoil them, and found bodies fitted to them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.evaluation.functional import acceleration_distances, match_tracks
from cliff_ext.io import KeypointFile
from cliff_ext.structures import HumanTrack, get_skeleton, joint_map
from cliff_ext.tracks import FitOrPrediction, SMPLifyFit, TrackPipeline, attach_keypoints, project_joints

from .evaluation import mesh_errors
from .fitting import fit_tracks
from .refinement import build_track_pipeline

PARAMETERS = ('global_orient', 'body_pose', 'betas', 'transl')
CHUNK = 64


def spoiled_keypoints(truth: Sequence[HumanTrack], body: SMPL, skeleton: str = 'coco17', noise: float = 0.012,
                      hidden: float = 0.15, swapped: float = 0.05, seed: int = 0) -> KeypointFile:
    """Keypoints of true people with noise, limbs hidden for a while, and left and right exchanged.

    Args:
        truth: True people.
        body: Their body.
        skeleton: Of the keypoints.
        noise: Standard deviation in heights of the person's box.
        hidden: Share of the frames in which the legs are hidden, in runs of 15 frames.
        swapped: Share of the frames in which left and right are exchanged.
        seed: Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    rows, joints = joint_map('spin49', skeleton)
    projector = SMPLJoints(body, joints.tolist())
    names = get_skeleton(skeleton).joint_names
    legs = [i for i, name in enumerate(names) if any(part in name for part in ('hip', 'knee', 'ankle'))]
    pairs = np.array(get_skeleton(skeleton).flip_pairs)
    frames: dict[int, list[np.ndarray]] = {}
    for track in truth:
        height = (track.bboxes[:, 3] - track.bboxes[:, 1])[:, None, None]
        points = np.zeros((len(track), len(names), 3), np.float32)
        points[:, rows, :2] = project_joints(track, projector)
        points[:, rows, :2] += noise * height * rng.normal(size=points[:, rows, :2].shape)
        points[:, rows, 2] = rng.uniform(0.5, 1, (len(track), len(rows)))
        for start in np.flatnonzero(rng.random(len(track)) < hidden / 15):
            points[start:start + 15, legs, 2] = 0
        wrong = np.flatnonzero(rng.random(len(track)) < swapped)
        mirrored = points[wrong]
        mirrored[:, pairs] = mirrored[:, pairs[:, ::-1]]
        points[wrong] = mirrored
        for frame, person in zip(track.frame_ids.tolist(), points, strict=True):
            frames.setdefault(frame, []).append(person)
    return KeypointFile(skeleton, {frame: np.stack(people) for frame, people in frames.items()})


def evaluate_fits(found: Sequence[HumanTrack], truth: Sequence[HumanTrack], keypoints: KeypointFile,
                  configs: Sequence[str | Path], device: str = 'cpu',
                  options: dict[str, Any] | None = None) -> dict[str, dict[str, float]]:
    """Errors of an estimate and of its fits, over the frames that were observed.

    Args:
        found: People of an estimator.
        truth: True people.
        keypoints: What to fit to.
        configs: Fits.
        device: As torch's.
        options: Changes of all configs.

    Returns:
        By ``estimate`` and the configs' names: ``mpjpe``, ``pa_mpjpe``, ``pve``, ``accel`` (relative to the pelvis),
        ``accel_camera`` in mm (per frame squared), ``orientation`` in degrees; of fits ``pixels`` (mean reprojection error),
        ``loss`` (the last stage's, a frame; of one config with other minimisers it compares) and ``seconds``.
    """
    body = SMPL()
    seen = [track[~track.filled] for track in found]
    results = {'estimate': track_errors(body, seen, truth)}
    for config in configs:
        pipeline: TrackPipeline = build_track_pipeline(config, device=device, options=options)
        result = fit_tracks(found, keypoints, pipeline)
        own = [track[np.isin(track.frame_ids, old.frame_ids)] for track, old in zip(result.tracks, seen, strict=True)]
        loss = sum(report.loss for report in result.reports) / sum(map(len, result.tracks))
        results[Path(config).stem] = track_errors(body, own, truth) | dict(
            pixels=result.errors()[1], loss=loss, seconds=result.seconds)
    return results


def track_errors(body: SMPL, found: Sequence[HumanTrack], truth: Sequence[HumanTrack]) -> dict[str, float]:
    """Errors of found people against the true ones that their boxes lie on.

    Raises:
        ValueError: Nobody was matched.
    """
    pairs = match_tracks(found, truth).pairs
    if not len(pairs):
        raise ValueError('no found person lies on a true one')
    pairs = pairs[np.lexsort((pairs[:, 3], pairs[:, 2], pairs[:, 0]))]
    sides = [[torch.from_numpy(np.stack([getattr(tracks[p], name)[r] for p, r in rows])) for name in PARAMETERS]
             for tracks, rows in ((found, pairs[:, 2:]), (truth, pairs[:, :2]))]
    figures = mesh_errors(body, *[side[:3] for side in sides])
    ours, wanted = (_joints(body, side) for side in sides)
    frames = np.array([found[p].frame_ids[r] for p, r in pairs[:, 2:]])
    same = (pairs[2:, [0, 2]] == pairs[:-2, [0, 2]]).all(1) & (frames[2:] - frames[:-2] == 2)
    triples = np.flatnonzero(same)[:, None] + np.arange(3)
    for name, relative in (('accel', True), ('accel_camera', False)):
        paths = [(joints - joints[:, :1] if relative else joints)[triples] for joints in (ours, wanted)]
        figures[name] = float(acceleration_distances(*paths).mean()) * 1e3 if len(triples) else float('nan')
    return figures


@torch.no_grad()
def _joints(body: SMPL, parameters: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([body(*part).smpl_joints for part in zip(*(p.split(CHUNK) for p in parameters), strict=True)])


def compare_speed(track: HumanTrack, keypoints: KeypointFile, config: str | Path | Config,
                  device: str = 'cpu') -> dict[str, float]:
    """Time and loss of a fit of single frames, all at once and one by one, with the same iterations.

    Returns:
        ``at_once`` and ``one_by_one`` in seconds, ``times`` faster, ``difference`` of the summed losses as a share. Empty
        for configs that fit several frames together, since they cannot be fitted one by one.
    """
    pipeline = build_track_pipeline(config, device=device)
    fit = pipeline.steps[-1]
    fitter: SMPLifyFit = fit.fitter if isinstance(fit, FitOrPrediction) else fit
    if fitter.window > 1:
        return {}
    (track, ), _ = attach_keypoints([track], keypoints)
    fitter.fit([track[:1]])  # warms up
    start = time.perf_counter()
    loss = fitter.fit([track])[1][0].loss
    at_once = time.perf_counter() - start
    start = time.perf_counter()
    losses = [fitter.fit([track[i:i + 1]])[1][0].loss for i in range(len(track))]
    one_by_one = time.perf_counter() - start
    return dict(at_once=at_once, one_by_one=one_by_one, times=one_by_one / at_once,
                difference=abs(sum(losses) / max(loss, 1e-9) - 1))
