"""COCO's person keypoints: ``annotations/person_keypoints_SPLIT.json`` and ``SPLIT/*.jpg``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .base import HumanRow, RawDataset, to_spin49

BODY = slice(5, 17)
"""COCO's joints below the head."""


class COCO(RawDataset):
    """COCO [Lin et al., ECCV 2014], 17 joints in 2D, and keypoint files of the same format.

    COCO writes 1 for hidden and 2 for visible joints, both of which are trusted; detectors write a confidence in [0, 1].

    Args:
        root: Folder with ``annotations`` and the images' folders.
        split: Folder of the images, ``train2014``, ``val2014``, ``train2017`` or ``val2017``; ``''`` for the root itself.
        min_joints: Fewest of the twelve joints below the head that must be annotated; 12 is SPIN's rule.
        annotations: Another file in the same format.
    """

    name = 'coco'

    def __init__(self, root: str | Path, split: str = 'train2014', min_joints: int = 12,
                 annotations: str | Path | None = None) -> None:
        super().__init__(root)
        self.split, self.min_joints = split, min_joints
        self.file = Path(annotations or self.root / 'annotations' / f'person_keypoints_{split}.json')
        if not self.file.is_file():
            raise FileNotFoundError(f'coco: {self.file} is missing; it comes with the train/val annotations of COCO')

    def steps(self) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Images with their people."""
        content = json.loads(self.file.read_bytes())
        people = defaultdict(list)
        for note in content['annotations']:
            people[note['image_id']].append(note)
        return [(image, people[image['id']]) for image in content['images'] if image['id'] in people]

    def read(self, step: tuple[dict[str, Any], list[dict[str, Any]]]) -> Iterator[HumanRow]:
        image, people = step
        for note in people:
            points = np.asarray(note.get('keypoints', ()), np.float64)
            if note.get('iscrowd') or points.size != 51:
                self.skipped['crowd or no keypoints'] += 1
                continue
            points = points.reshape(17, 3)
            visible = points[:, 2] > 0
            if visible[BODY].sum() < self.min_joints:
                self.skipped[f'fewer than {self.min_joints} joints'] += 1
                continue
            left, top, width, height = note['bbox']
            confidence = np.minimum(points[:, 2], 1)
            yield HumanRow(
                (Path(self.split) / image['file_name']).as_posix(), np.array([left, top, left + width, top + height]),
                (image['width'], image['height']), keypoints2d=to_spin49(points[:, :2], 'coco17', confidence),
                annotation_id=note['id'])
