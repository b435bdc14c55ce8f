"""How well bodies lie on keypoints, and what a fit did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from cliff_ext.body_models import SMPLJoints
from cliff_ext.geometry import project_points
from cliff_ext.structures import HumanTrack

from .stages import NEAREST

CHUNK = 512


@dataclass
class FitReport:
    """What a fit did to one track.

    Attributes:
        track_id: Identity.
        frame_ids: (T,).
        before: (T,) reprojection error in pixels, see :func:`reprojection_error`; NaN where nothing can be measured.
        after: (T,) the same of the result.
        kept: Frames that kept their previous estimate, and why.
        guessed: (T,) bool, frames without usable keypoints that were placed by their neighbours.
        loss: The last stage's, summed over the track's windows.
    """

    track_id: int
    frame_ids: np.ndarray
    before: np.ndarray
    after: np.ndarray
    guessed: np.ndarray
    loss: float
    kept: dict[int, str] = field(default_factory=dict)

    def problems(self) -> list[str]:
        """One line for each reason why frames have no fit of their own, naming the frames."""
        frames: dict[str, list[int]] = {}
        for frame, why in self.kept.items():
            frames.setdefault(why, []).append(frame)
        lines = [f'person {self.track_id}, {_runs(numbers)}: kept the previous estimate, {why}'
                 for why, numbers in frames.items()]
        if self.guessed.any():
            lines.append(f'person {self.track_id}, {_runs(self.frame_ids[self.guessed].tolist())}: follow their neighbours, '
                         'without usable keypoints')
        return lines


def reprojection_error(track: HumanTrack, keypoints: np.ndarray, body: SMPLJoints) -> np.ndarray:
    """Mean distance (T,) in pixels of projected joints to keypoints, weighted by confidence; NaN without any.

    Args:
        track: With SMPL parameters, ``focal_length`` and ``image_size``.
        keypoints: (T, K, 3) of the body's K joints.
        body: Joints alone.
    """
    points = project_joints(track, body)
    distance = np.linalg.norm(points - keypoints[..., :2], axis=-1)
    weight = keypoints[..., 2]
    total = weight.sum(1)
    return np.divide((distance * weight).sum(1), total, out=np.full(len(track), np.nan), where=total > 0)


@torch.no_grad()
def project_joints(track: HumanTrack, body: SMPLJoints) -> np.ndarray:
    """The body's K joints in the image, (T, K, 2) pixels."""
    device = body.rest_points.device
    center = torch.tensor(track.image_size, dtype=torch.float32, device=device) / 2
    parts = [np.empty((0, len(body.from_bones), 2), np.float32)]
    for start in range(0, len(track), CHUNK):
        part = track[start:start + CHUNK]
        rotmats = np.concatenate([part.global_orient[:, None], part.body_pose], 1)
        values = [torch.from_numpy(v).to(device) for v in (rotmats, part.betas, part.transl, part.focal_length)]
        joints = body(*values[:3])
        joints[..., 2].clamp_(min=NEAREST)
        parts.append(project_points(joints, values[3], center.expand(len(part), 2)).cpu().numpy())
    return np.concatenate(parts)


def _runs(frames: Sequence[int]) -> str:
    """Frame numbers in words, runs joined: ``frames 3, 7-12``."""
    frames = sorted(frames)
    cuts = [0, *(i for i in range(1, len(frames)) if frames[i] != frames[i - 1] + 1), len(frames)]
    runs = [(frames[a], frames[b - 1]) for a, b in zip(cuts, cuts[1:], strict=False)]
    words = ', '.join(str(a) if a == b else f'{a}-{b}' for a, b in runs)
    return f'frame {words}' if len(frames) == 1 else f'frames {words}'
