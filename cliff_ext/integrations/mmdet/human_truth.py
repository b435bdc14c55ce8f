"""The truth about bodies beside the boxes of any data set of mmdet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmdet.structures.bbox import get_box_tensor
from mmengine.structures import InstanceData

from cliff_ext.datasets.human_image import human_truth, sample_columns
from cliff_ext.evaluation.functional.boxes import box_iou
from cliff_ext.io import load_human_data
from cliff_ext.registry import TRANSFORMS

TRUTH = ('global_orient', 'body_pose', 'betas', 'keypoints2d', 'keypoints3d', 'has_smpl', 'has_betas', 'has_keypoints3d')
"""Fields that this transform adds, as ``cliff_ext.structures.HumanDataSample`` describes them, a row for each box."""
UNKNOWN = human_truth(dict(has_smpl=False, has_betas=False, has_transl=False), None).to_instances()


@TRANSFORMS.register_module()
class AddHumanTruth(BaseTransform):
    """Adds what :class:`MeshRoIHead` learns from to ``gt_instances``; stands behind ``PackDetInputs``.

    A box gets the truth of the person whose box overlaps it most; one that nobody's box overlaps enough gets flags of 0.
    All of it stays in the camera and the pixels of the original image, whatever the picture's resizing.

    Required keys: ``data_samples`` with ``img_path``, ``gt_instances.bboxes``, and ``scale_factor`` where it was resized.

    Args:
        ann_file: Npz of people, see :func:`cliff_ext.io.load_human_data`.
        image_root: Folder that the file's image paths start from.
        min_iou: Least overlap of two boxes of one person.

    Raises:
        ValueError: The picture was mirrored, which this cannot follow.
    """

    def __init__(self, ann_file: str, image_root: str, min_iou: float = 0.5) -> None:
        people = load_human_data(ann_file)
        if people.gender is not None:
            people.has_betas &= people.gender == 'neutral'
        self.columns = sample_columns(people, None)
        self.columns.pop('keypoints3d_eval', None)
        self.rows: dict[str, list[int]] = {}
        for row, path in enumerate(people.image_path):
            self.rows.setdefault(str(Path(image_root, path).resolve()), []).append(row)
        self.min_iou = min_iou

    def transform(self, results: dict) -> dict:
        sample = results['data_samples']
        if sample.get('flip', False):
            raise ValueError(f'{sample.img_path} was mirrored and the truth about its bodies was not: train MeshRoIHead '
                             'without RandomFlip')
        truths = [self._truth(row) for row in self._matching_rows(sample)]
        for name in TRUTH:
            value = torch.cat([truth[name] for truth in truths]) if truths else UNKNOWN[name][:0]
            sample.gt_instances.set_field(value, name)
        return results

    def _matching_rows(self, sample: InstanceData) -> list[int]:
        """Row of each box's person, -1 for nobody's."""
        boxes = get_box_tensor(sample.gt_instances.bboxes).numpy() / np.tile(sample.get('scale_factor', (1., 1.)), 2)
        known = self.rows.get(str(Path(sample.img_path).resolve()), [])
        if not known or not len(boxes):
            return [-1] * len(boxes)
        overlap = box_iou(boxes, self.columns['bbox'][known])
        return [known[best] if overlap[i, best] >= self.min_iou else -1 for i, best in enumerate(overlap.argmax(1))]

    def _truth(self, row: int) -> InstanceData:
        if row < 0:
            return UNKNOWN
        return human_truth({name: column[row] for name, column in self.columns.items()}, None).to_instances()
