"""Figures of found people against true ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from cliff_ext.body_models import SMPL, SMPLOutput
from cliff_ext.evaluation.functional import joint_errors, match_tracks, orientation_error, pa_joint_errors
from cliff_ext.structures import HumanTrack

CHUNK = 64


def mesh_errors(body: SMPL, ours: Sequence[Tensor], truth: Sequence[Tensor]) -> dict[str, float]:
    """Mean errors of SMPL parameters ``(global_orient, body_pose, betas)``, each (N, …).

    Returns:
        ``mpjpe``, ``pa_mpjpe``, ``pve`` (24 SMPL joints and all vertices, pelvis-aligned) in mm, ``orientation`` in degrees.
    """
    sums = dict.fromkeys(('mpjpe', 'pa_mpjpe', 'pve', 'orientation'), 0.)
    for start in range(0, len(ours[0]), CHUNK):
        a, b = (_pose(body, [p[start:start + CHUNK] for p in params]) for params in (ours, truth))
        pelvis = a.smpl_joints[:, 0], b.smpl_joints[:, 0]
        sums['mpjpe'] += float(joint_errors(a.smpl_joints, b.smpl_joints, *pelvis).sum())
        sums['pa_mpjpe'] += float(pa_joint_errors(a.smpl_joints, b.smpl_joints).sum())
        sums['pve'] += float(joint_errors(a.vertices, b.vertices, *pelvis).sum())
        part = slice(start, start + CHUNK)
        sums['orientation'] += float(orientation_error(ours[0][part], truth[0][part]).sum())
    return {name: total / max(len(ours[0]), 1) for name, total in sums.items()}


@torch.no_grad()
def _pose(body: SMPL, params: Sequence[Tensor]) -> SMPLOutput:
    return body(*(p.float() for p in params))


def evaluate_tracks(found: Sequence[HumanTrack], truth: Sequence[HumanTrack], body_model: str | None = None) -> dict:
    """Tracking and mesh figures; frames are matched by boxes at IoU 0.5."""
    report = match_tracks(found, truth)
    figures = dict(people_found=len(found), people_true=len(truth), identity_switches=report.switches,
                   false_rows=report.false_rows, coverage=report.coverage, matched_rows=len(report.pairs))
    if len(report.pairs):
        params = [[torch.from_numpy(np.stack([getattr(tracks[p], name)[r] for p, r in rows]))
                   for name in ('global_orient', 'body_pose', 'betas')]
                  for tracks, rows in ((found, report.pairs[:, 2:]), (truth, report.pairs[:, :2]))]
        figures |= mesh_errors(SMPL(body_model), *params)
    return figures
