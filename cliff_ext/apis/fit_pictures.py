"""Keypoints and projected joints before and after a fit, drawn over the source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.io import FrameSource
from cliff_ext.structures import HumanTrack, joint_map
from cliff_ext.tracks import project_joints
from cliff_ext.visualization import FitPanels

from .pictures import FrameIndex, open_sink


def draw_fit(source: FrameSource, before: Sequence[HumanTrack], after: Sequence[HumanTrack], out_dir: Path,
             body: SMPL) -> Path:
    """Writes ``fit.mp4``, or a folder ``fit`` for pictures: both versions side by side, frame by frame.

    Args:
        source: What the tracks came from.
        before: Tracks with keypoints.
        after: The same people, fitted.
        out_dir: Folder.
        body: The one that was fitted.
    """
    skeleton = before[0].keypoints2d_skeleton if before else 'openpose25'
    rows, joints = joint_map('spin49', skeleton)
    projector = SMPLJoints(body, joints.tolist())
    points = [[project_joints(track, projector) for track in tracks] for tracks in (before, after)]
    index, panels = FrameIndex(before), FitPanels(skeleton, rows)
    with open_sink(source, out_dir, 'fit') as sink:
        for frame, name, image in source:
            people = index.rows.get(frame, [])
            seen = [before[person].keypoints2d[row, rows] for person, row in people]
            versions = [[version[person][row] for person, row in people] for version in points]
            sink.write(name, panels(image, seen, *versions, index.ids(frame)))
        return sink.path
