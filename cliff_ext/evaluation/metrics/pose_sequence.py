"""Figures of refined pose sequences beside those of the input and of classical filters, in one run."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from torch import Tensor

from cliff_ext.body_models import SMPL
from cliff_ext.evaluation.functional import (
    acceleration_distances,
    acceleration_errors,
    joint_errors,
    orientation_error,
    pa_joint_errors,
    pck_2d,
    point_distances,
    root_relative,
    worst_frames,
)
from cliff_ext.geometry import rot6d_to_rotmat
from cliff_ext.registry import METRICS, MODELS, TRACK_TRANSFORMS
from cliff_ext.structures import SPIN49_TO_J14

INPUT, REFINED = 'input', 'refined'
CHUNK = 64
"""Bodies posed at a time."""


class PoseSequenceMetric(BaseMetric):
    """Means over all frames of all sequences, as ``input/NAME``, ``refined/NAME`` and one more group for each filter.

    Frames whose truth is not finite are left out. With several views, each counts as a sequence of its own. For every
    ``…mpjpe`` there is ``…worst_mpjpe``, the mean over the 1 % of frames with the largest *input* error.
    ``GROUP/seconds_per_frame`` of a filter is its own time.

    Args:
        filters: Classical filters to run on the same input, e.g. ``[dict(type='SavitzkyGolay', window=31)]``.
        root: Joints whose mean is subtracted from 3D joints; default: what the data set says.
        collect_device: See MMEngine.
    """

    def __init__(self, filters: Sequence[dict] = (), root: Sequence[int] | None = None, collect_device: str = 'cpu') -> None:
        super().__init__(collect_device)
        self.root = root
        self.filters = {config['type'].rsplit('.', 1)[-1].lower(): TRACK_TRANSFORMS.build(config) for config in filters}

    @abstractmethod
    def score(self, pose: Tensor, truth: Tensor, sample: dict, group: str) -> dict[str, Tensor]:
        """Errors of one sequence by name, each (T,) or shorter, all in the unit that is reported.

        Args:
            pose: (T, C) float32 on the CPU.
            truth: (T, C), finite.
            sample: The data sample's fields and meta information.
            group: ``input``, ``refined`` or a filter's name.
        """

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Scores whole sequences."""
        for inputs, sample in zip(data_batch['inputs'], data_samples, strict=True):
            self.results.append(self._one_sample(inputs.float().cpu(), sample))

    def _one_sample(self, inputs: Tensor, sample: dict) -> dict[str, dict[str, Tensor]]:
        truth, refined = (sample[name].float().cpu().reshape(-1, *inputs.shape[-2:]) for name in ('gt_pose', 'pred_pose'))
        parts: dict[str, dict[str, list[Tensor]]] = {}
        for view, noisy in enumerate(inputs.reshape(-1, *inputs.shape[-2:])):
            known = truth[view].isfinite().all(-1)
            poses, seconds = {INPUT: noisy, REFINED: refined[view]}, {}
            for name, one in self.filters.items():
                start = time.perf_counter()
                poses[name] = torch.from_numpy(one.smooth(noisy.numpy()))
                seconds[name] = time.perf_counter() - start
            for group, pose in poses.items():
                scores = self.score(pose[known], truth[view][known], _at(sample, known), group)
                if group in seconds:
                    scores['seconds_per_frame'] = torch.full((len(pose), ), seconds[group] / len(pose))
                for name, value in scores.items():
                    parts.setdefault(group, {}).setdefault(name, []).append(value)
        return {group: {name: torch.cat(values) for name, values in scores.items()} for group, scores in parts.items()}

    def compute_metrics(self, results: list[dict[str, dict[str, Tensor]]]) -> dict[str, float]:
        """Means over all frames."""
        frames = {(group, name): torch.cat([r[group][name].double() for r in results])
                  for group, scores in results[0].items() for name in scores}
        figures = {f'{group}/{name}': float(values.mean()) for (group, name), values in frames.items() if len(values)}
        if (INPUT, 'mpjpe') in frames:
            worst = worst_frames(frames[INPUT, 'mpjpe'])
            for (group, name), values in frames.items():
                if name == 'mpjpe':
                    figures[f'{group}/worst_mpjpe'] = float(values[worst].mean())
        return figures

    @property
    def root_joints(self) -> tuple[int, ...]:
        """Of the arguments, or else of the data set."""
        return tuple((self.dataset_meta or {}).get('root', ()) if self.root is None else self.root)


@METRICS.register_module()
class Keypoints3DMetric(PoseSequenceMetric):
    """3D joints in metres: ``mpjpe``, ``pa_mpjpe`` mm and ``accel`` mm per frame squared, relative to the root."""

    def score(self, pose: Tensor, truth: Tensor, sample: dict, group: str) -> dict[str, Tensor]:
        points, true = (value.unflatten(-1, (-1, 3)) for value in (pose, truth))
        if self.root_joints:
            points, true = (root_relative(value, self.root_joints) for value in (points, true))
        return dict(mpjpe=joint_errors(points, true), pa_mpjpe=pa_joint_errors(points, true),
                    accel=acceleration_errors(points, true))


@METRICS.register_module()
class Keypoints2DMetric(PoseSequenceMetric):
    """2D joints in pixels: ``mpjpe``, ``accel``; and ``pck@X`` in percent of joints where the person's box is known.

    Args:
        pck: Thresholds as shares of the box's longer side.
        filters, root, collect_device: See :class:`PoseSequenceMetric`.
    """

    def __init__(self, pck: Sequence[float] = (0.05, 0.1, 0.2), filters: Sequence[dict] = (),
                 root: Sequence[int] | None = None, collect_device: str = 'cpu') -> None:
        super().__init__(filters, root, collect_device)
        self.pck = tuple(pck)

    def score(self, pose: Tensor, truth: Tensor, sample: dict, group: str) -> dict[str, Tensor]:
        points, true = (self._pixels(value.unflatten(-1, (-1, 2)), sample) for value in (pose, truth))
        scores = dict(mpjpe=point_distances(points, true).mean(-1), accel=acceleration_distances(points, true))
        if 'bboxes' in sample:
            box = torch.as_tensor(sample['bboxes']).float()
            size = (box[:, 2:4] - box[:, :2]).amax(-1)
            for threshold in self.pck:
                share = 100 * pck_2d(points, true, size, threshold).mean()
                scores[f'pck@{threshold}'] = share.reshape(1)  # SmoothNet's protocol: every sequence counts once
        return scores

    def _pixels(self, points: Tensor, sample: dict) -> Tensor:
        image = (self.dataset_meta or {}).get('image')
        if image == 'square':
            return (points + 1) * 500
        if image == 'frame':
            return (points + 0.5) * torch.as_tensor(sample['image_size']).float()
        raise ValueError("Keypoints2DMetric needs metainfo['image'] 'square' or 'frame' to tell pixels, got "
                         f'{image!r}; the data set must be of a 2D source')


@METRICS.register_module()
class SMPLSequenceMetric(PoseSequenceMetric):
    """SMPL rotations: ``mpjpe``, ``pa_mpjpe``, ``mpvpe`` mm, ``accel`` mm per frame squared, ``rotation`` degrees.

    Joints are LSP's 14, seen from the middle of the hips; vertices as posed without translation; ``rotation`` is the mean
    angle between the 24 joints' rotations. Estimates use the estimator's ``betas`` and the truth ``gt_betas`` and
    ``gt_scaling`` where the data set has them, else the mean shape.

    Args:
        body_model: Config of the body.
        filters, root, collect_device: See :class:`PoseSequenceMetric`.
    """

    def __init__(self, body_model: dict | None = None, filters: Sequence[dict] = (), root: Sequence[int] | None = None,
                 collect_device: str = 'cpu') -> None:
        super().__init__(filters, root, collect_device)
        self.body: SMPL = MODELS.build(body_model or dict(type='SMPLBody')).eval()

    def score(self, pose: Tensor, truth: Tensor, sample: dict, group: str) -> dict[str, Tensor]:
        rotmats, true = (rot6d_to_rotmat(value.unflatten(-1, (24, 6))) for value in (pose, truth))
        zeros = np.zeros((len(pose), 10), np.float32)
        betas, gt_betas = (torch.as_tensor(sample.get(name, zeros)).float().reshape(-1, 10)
                           for name in ('betas', 'gt_betas'))
        scaling = torch.as_tensor(sample.get('gt_scaling', np.ones(len(pose), np.float32))).float().reshape(-1, 1, 1)
        parts = []
        for frames in torch.arange(len(pose)).split(CHUNK):
            found, ideal = self._pose(rotmats[frames], betas[frames]), self._pose(true[frames], gt_betas[frames])
            parts.append((found[0], ideal[0] * scaling[frames], joint_errors(found[1], ideal[1] * scaling[frames])))
        joints, true_joints, vertex_errors = (torch.cat(values) for values in zip(*parts, strict=True))
        joints, true_joints = (root_relative(value, (2, 3)) for value in (joints, true_joints))
        return dict(mpjpe=joint_errors(joints, true_joints), pa_mpjpe=pa_joint_errors(joints, true_joints),
                    mpvpe=vertex_errors, accel=acceleration_errors(joints, true_joints),
                    rotation=orientation_error(rotmats, true).mean(-1))

    @torch.no_grad()
    def _pose(self, rotmats: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
        body = self.body(rotmats[:, 0], rotmats[:, 1:], betas)
        return body.joints[:, list(SPIN49_TO_J14)], body.vertices


def _at(sample: dict, known: Tensor) -> dict:
    """The sample with its per-frame extras cut to the known frames; scalars and sizes stay."""
    rows = known.numpy()
    cut = {name: np.asarray(sample[name])[rows] for name in ('betas', 'gt_betas', 'bboxes')
           if name in sample and len(sample[name]) == len(rows)}
    if 'gt_scaling' in sample:
        cut['gt_scaling'] = np.broadcast_to(np.ravel(sample['gt_scaling']), rows.shape)[rows]
    return {**sample, **cut}
