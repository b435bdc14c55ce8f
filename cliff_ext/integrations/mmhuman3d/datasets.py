"""Our measures in mmhuman3d's evaluation, which is a method of its datasets."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from mmhuman3d.data.datasets.human_image_dataset import HumanImageDataset as Base

from cliff_ext.evaluation.functional import acceleration_errors, joint_errors, pa_joint_errors, worst_frames

from .registries import DATASETS

OURS = ('cliff_ext/mpjpe', 'cliff_ext/pa-mpjpe', 'cliff_ext/worst-mpjpe', 'cliff_ext/accel')


@DATASETS.register_module()
class HumanImageDataset(Base):
    """mmhuman3d's, whose ``metric`` may also name ours, all in mm.

    ``cliff_ext/mpjpe`` and ``cliff_ext/pa-mpjpe`` as its own, ``cliff_ext/worst-mpjpe`` over the 1 % of people with the
    largest error, ``cliff_ext/accel`` how much accelerations differ, mm per frame squared, within runs of consecutive
    ``frame_id`` of one ``sequence`` in the file's ``meta`` (the file's order where it has none).
    """

    ALLOWED_METRICS = Base.ALLOWED_METRICS | set(OURS)

    def evaluate(self, outputs: list[dict[str, Any]], res_folder: str, metric: str | list[str] = 'pa-mpjpe',
                 **kwargs: Any) -> OrderedDict[str, float]:
        """Results of ``single_gpu_test`` to figures by name.

        Raises:
            KeyError: A metric that neither mmhuman3d nor cliff_ext has.
        """
        wanted = [metric] if isinstance(metric, str) else list(metric)
        theirs = [name for name in wanted if name not in OURS]
        ours = [name for name in wanted if name in OURS]
        found = super().evaluate(outputs, res_folder, theirs, **kwargs) if theirs else OrderedDict()
        if ours:
            figures = self._figures(outputs)
            found.update((name, figures[name]) for name in ours)
        return found

    def _figures(self, outputs: list[dict[str, Any]]) -> dict[str, float]:
        rows = np.concatenate([np.asarray(out['image_idx']).reshape(-1) for out in outputs])
        if sorted(rows.tolist()) != list(range(self.num_data)):
            raise ValueError(f'results of {len(set(rows.tolist()))} people for a dataset of {self.num_data}')
        joints = np.concatenate([out['keypoints_3d'] for out in outputs])[np.argsort(rows)]
        points, truth, _ = self._parse_result(dict(keypoints=joints))
        points, truth = (torch.as_tensor(np.asarray(value)) / 1e3 for value in (points, truth))
        errors = joint_errors(points, truth)
        runs = [acceleration_errors(points[run], truth[run]) for run in self._runs()]
        return dict(zip(OURS, (float(value.mean()) for value in (
            errors, pa_joint_errors(points, truth), errors[worst_frames(errors)], torch.cat(runs))), strict=True))

    def _runs(self) -> list[np.ndarray]:
        """Row numbers of each run of consecutive frames of one sequence."""
        meta = self.human_data.get('meta', {})
        if 'sequence' not in meta or 'frame_id' not in meta:
            return [np.arange(self.num_data)]
        sequence, frame = np.asarray(meta['sequence']), np.asarray(meta['frame_id'])
        order = np.lexsort((frame, sequence))
        cuts = (sequence[order][1:] != sequence[order][:-1]) | (np.diff(frame[order]) != 1)
        return np.split(order, np.flatnonzero(cuts) + 1)
