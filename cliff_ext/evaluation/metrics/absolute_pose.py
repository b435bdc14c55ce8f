"""Figures of RootNet and PoseNet on Human3.6M and other sets whose people are all annotated; json of what was found."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

from cliff_ext.evaluation.functional import h36m_errors, root_average_precision, root_errors
from cliff_ext.io import atomic_path, load_mupots, mupots_name
from cliff_ext.registry import METRICS
from cliff_ext.structures import get_skeleton, joint_map

MM = 1e3
SCORED = 'h36m17'


class PersonMetric(BaseMetric):
    """One entry a person, and means over all people and over each action's.

    Args:
        out_file: Json of what was found, as 3DMPPE writes it; None writes none.
        collect_device: See MMEngine.
    """

    def __init__(self, out_file: str | None = None, collect_device: str = 'cpu') -> None:
        super().__init__(collect_device)
        self.out_file = out_file

    @abstractmethod
    def score(self, sample: dict) -> tuple[dict[str, float], dict]:
        """Figures of a person by name, mm, and the person's entry of the json."""

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Scores people."""
        for sample in data_samples:
            figures, entry = self.score(sample)
            self.results.append(dict(figures=figures, entry=entry, action=sample.get('action')))

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Means over people, as ``NAME``, and ``NAME/ACTION`` of the first figure where actions are known."""
        if self.out_file is not None:
            with atomic_path(self.out_file) as temporary:
                temporary.write_text(json.dumps([result['entry'] for result in results]))
            print_log(f'{len(results)} people written to {self.out_file}', 'current')
        scored = [result for result in results if result['figures']]
        if not scored:
            return {}
        first, *_ = names = list(scored[0]['figures'])
        means = {name: float(np.mean([result['figures'][name] for result in scored])) for name in names}
        for action in sorted({result['action'] for result in scored} - {None}):
            means[f'{first}/{action}'] = float(np.mean([r['figures'][first] for r in scored if r['action'] == action]))
        return means


def _xywh(box: np.ndarray) -> list[float]:
    x1, y1, x2, y2 = (float(value) for value in box)
    return [x1, y1, x2 - x1, y2 - y1]


def _numbers(value: Tensor) -> list:
    return value.double().cpu().numpy().tolist()


@METRICS.register_module()
class RootMetric(PersonMetric):
    """Of RootNet: ``mrpe``, the mean distance of roots in the camera, and ``mrpe_x``, ``mrpe_y``, ``mrpe_z``, mm.

    Also ``ap_root``, percent, where annotations of MuPoTS-3D are given. The json has ``image_id``, ``bbox`` (the patch; x,
    y, width, height), ``root_cam`` (mm) and ``score``: what an :class:`AbsolutePoseDataset`'s layout takes as ``boxes``.

    Args:
        mupots: What :func:`cliff_ext.io.load_mupots` reads, for ``ap_root``.
        threshold: Of a right root for ``ap_root``, metres.
        out_file, collect_device: See :class:`PersonMetric`.
    """

    def __init__(self, mupots: str | None = None, threshold: float = 0.25, out_file: str | None = None,
                 collect_device: str = 'cpu') -> None:
        super().__init__(out_file, collect_device)
        self.mupots, self.threshold = mupots, threshold

    def score(self, sample: dict) -> tuple[dict[str, float], dict]:
        root, truth = (sample[where]['root3d'].double().cpu() for where in ('pred_instances', 'gt_instances'))
        figures = {name: float(value) for name, value in root_errors(root, truth).items()} if truth.isfinite().all() else {}
        entry = dict(image_id=sample['image_id'], bbox=_xywh(sample['bbox']), root_cam=_numbers(root[0] * MM),
                     score=sample['score'])
        return figures, dict(entry, name=mupots_name(sample['img_path'])) if self.mupots else entry

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Means over people, and ``ap_root``."""
        names = [result['entry'].pop('name', None) for result in results]
        figures = super().compute_metrics(results)
        if self.mupots is None:
            return figures
        found: dict[str, list[dict]] = {}
        for name, result in zip(names, results, strict=True):
            found.setdefault(name, []).append(result['entry'])
        images = load_mupots(self.mupots)
        pelvis = get_skeleton('mpi3dhp17').index('pelvis')
        entries = [found.get(image.name, []) for image in images]
        precision = root_average_precision(
            [np.array([entry['root_cam'] for entry in people]).reshape(-1, 3) / MM for people in entries],
            [np.array([entry['score'] for entry in people]) for people in entries],
            [image.keypoints3d[:, pelvis] / MM for image in images], self.threshold)
        return dict(figures, ap_root=100 * precision)


@METRICS.register_module()
class Human36MPoseMetric(PersonMetric):
    """Of PoseNet on Human3.6M: ``pa_mpjpe`` (protocol 1) or ``mpjpe`` (protocol 2), mm, over 17 joints seen from the pelvis.

    Protocol 1 aligns all of the model's joints without scale before, as 3DMPPE published it. The json has ``image_id``,
    ``bbox`` (the patch, x, y, width, height), ``joint_cam`` (mm, as compared) and ``root_cam`` (mm).

    Args:
        protocol: 1 or 2.
        out_file, collect_device: See :class:`PersonMetric`.

    Raises:
        ValueError: Another protocol; at the first person, a data set of another protocol or of another joint set.
    """

    def __init__(self, protocol: int, out_file: str | None = None, collect_device: str = 'cpu') -> None:
        super().__init__(out_file, collect_device)
        if protocol not in (1, 2):
            raise ValueError(f'Human3.6M has protocols 1 and 2, got {protocol}')
        self.protocol = protocol

    def score(self, sample: dict) -> tuple[dict[str, float], dict]:
        self._check_dataset()
        points, truth = (sample[where]['keypoints3d'].double().cpu() for where in ('pred_instances', 'gt_instances'))
        if points.shape != truth.shape:
            raise ValueError(f'the model gives {points.shape[1]} joints, the data set {truth.shape[1]}')
        skeleton = (self.dataset_meta or {}).get('skeleton', 'h36m18')
        root = get_skeleton(skeleton).index('pelvis')
        relative = (value - value[:, root:root + 1] for value in (points, truth))
        moved, errors = h36m_errors(*relative, self.protocol, self._scored(skeleton))
        name = 'pa_mpjpe' if self.protocol == 1 else 'mpjpe'
        entry = dict(image_id=sample['image_id'], bbox=_xywh(sample['bbox']), joint_cam=_numbers(moved[0] * MM),
                     root_cam=_numbers(points[0, root] * MM))
        return {name: float(errors.mean())}, entry

    @staticmethod
    def _scored(skeleton: str) -> list[int]:
        scored = joint_map(skeleton, SCORED)[1].tolist()
        if len(scored) != len(get_skeleton(SCORED)):
            raise ValueError(f'{skeleton} has {len(scored)} of the {len(get_skeleton(SCORED))} joints that Human3.6M scores')
        return scored

    def _check_dataset(self) -> None:
        protocol = (self.dataset_meta or {}).get('protocol')
        if protocol not in (None, self.protocol):
            raise ValueError(f'the data set is of protocol {protocol}, the metric of {self.protocol}')

