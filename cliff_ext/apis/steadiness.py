"""How steady tracks are, and how well hidden frames of them are filled in; needs no truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.evaluation.functional import acceleration_errors, joint_errors
from cliff_ext.structures import HumanTrack
from cliff_ext.tracks import TrackPipeline

from .refinement import pose_joints


@dataclass
class Jitter:
    """Mean acceleration of SMPL's 24 joints, mm per frame squared.

    Attributes:
        camera: In the camera, translation included.
        body: Seen from the pelvis: pose, orientation and shape.
        frames: Over how many frames.
    """

    camera: float
    body: float
    frames: int


def track_jitter(tracks: Sequence[HumanTrack], body: SMPL) -> Jitter:
    """Jitter of all people, over runs of consecutive frames of at least three.

    Raises:
        ValueError: A track without SMPL parameters, or no run of three frames.
    """
    camera, relative = [], []
    for track in tracks:
        for piece in track.split_at_gaps():
            joints = torch.from_numpy(smpl_joints(piece, body))
            camera.append(acceleration_errors(joints))
            relative.append(acceleration_errors(joints - joints[:, :1]))
    count = sum(map(len, camera))
    if not count:
        raise ValueError('jitter needs three consecutive frames of one person')
    return Jitter(float(torch.cat(camera).mean()), float(torch.cat(relative).mean()), count)


def smpl_joints(track: HumanTrack, body: SMPL) -> np.ndarray:
    """SMPL's 24 joints (T, 24, 3), metres, camera frame.

    Raises:
        ValueError: No SMPL parameters.
    """
    if any(value is None for value in (track.global_orient, track.body_pose, track.betas, track.transl)):
        raise ValueError(f'{track} has no SMPL parameters with shape and translation')
    blank = np.zeros((len(track), 24, 3), np.float32)
    return pose_joints(track.replace(keypoints3d=blank, keypoints3d_skeleton='smpl24'), body).keypoints3d


@dataclass
class HiddenFrames:
    """How far filled-in frames lie from what had been estimated there.

    Attributes:
        people: In whom frames were hidden.
        frames: How many were filled.
        mpjpe: mm, seen from the pelvis.
        path: mm, of the translation.
    """

    people: int
    frames: int
    mpjpe: float
    path: float


def hide_and_fill(tracks: Sequence[HumanTrack], pipeline: TrackPipeline, body: SMPL, hidden: int = 20) -> HiddenFrames:
    """Takes frames out of the middle of each person, runs a pipeline, and compares what it filled in.

    Args:
        tracks: People with SMPL parameters; those with fewer than ``3 * hidden`` frames keep all.
        pipeline: Has a step that fills.
        body: Body model.
        hidden: Frames to take out.

    Raises:
        ValueError: Nobody is seen long enough, or the pipeline filled nothing.
    """
    whole = {track.track_id: track for track in tracks if len(track) >= 3 * hidden}
    if not whole:
        raise ValueError(f'nobody is seen in {3 * hidden} frames, so that {hidden} could be hidden')
    cut = []
    for track in whole.values():
        start = (len(track) - hidden) // 2
        cut.append(track[np.r_[0:start, start + hidden:len(track)]])
    errors, paths = [], []
    results = {track.track_id: track for track in pipeline(cut)}
    for old in cut:
        truth, new = whole[old.track_id], results.get(old.track_id, old)
        frames = np.intersect1d(np.setdiff1d(truth.frame_ids, old.frame_ids), new.frame_ids)
        if not len(frames):
            continue
        here, there = (track[np.isin(track.frame_ids, frames)] for track in (new, truth))
        ours, wanted = (torch.from_numpy(smpl_joints(part, body)) for part in (here, there))
        errors.append(joint_errors(ours, wanted, ours[:, 0], wanted[:, 0]))
        paths.append((ours[:, 0] - wanted[:, 0]).norm(dim=-1) * 1e3)
    if not errors:
        raise ValueError('the pipeline filled none of the hidden frames; is there an Infill with a large enough max_gap?')
    return HiddenFrames(len(errors), sum(map(len, errors)), float(torch.cat(errors).mean()), float(torch.cat(paths).mean()))
