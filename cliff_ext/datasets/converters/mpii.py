"""MPII Human Pose: ``mpii_human_pose_v1_u12_1.mat`` and ``images``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

from .base import HumanRow, RawDataset, joints_box, to_spin49

FILE = 'mpii_human_pose_v1_u12_1.mat'


class MPII(RawDataset):
    """MPII Human Pose [Andriluka et al., CVPR 2014], 16 joints in 2D of the training images; boxes from the joints.

    Args:
        root: Folder with the ``.mat`` file, in it or one folder below, and ``images``.
        min_joints: Fewest annotated joints of a person; 16 is SPIN's rule.
    """

    name = 'mpii'

    def __init__(self, root: str | Path, min_joints: int = 16) -> None:
        super().__init__(root)
        self.min_joints = min_joints

    def steps(self) -> list[tuple[Any, str]]:
        """Training images with people, each with its activity's name."""
        places = [*self.root.glob(FILE), *self.root.glob(f'*/{FILE}')]
        if not places:
            raise FileNotFoundError(f'mpii: no {FILE} in {self.root} or a folder in it; it comes in '
                                    'mpii_human_pose_v1_u12_2.zip')
        release = scipy.io.loadmat(places[0], struct_as_record=False, squeeze_me=True)['RELEASE']
        train = np.atleast_1d(release.img_train).astype(bool)
        actions = [_text(getattr(act, 'act_name', '')) for act in np.atleast_1d(release.act)]
        return [(image, action) for image, used, action in zip(np.atleast_1d(release.annolist), train, actions, strict=True)
                if used]

    def read(self, step: tuple[Any, str]) -> Iterator[HumanRow]:
        image, action = step
        for note in _structs(getattr(image, 'annorect', ())):
            points, known = _joints(note)
            if known.sum() < self.min_joints:
                self.skipped[f'fewer than {self.min_joints} joints'] += 1
                continue
            yield HumanRow(f'images/{image.image.name}', joints_box(points[known]),
                           keypoints2d=to_spin49(points, 'mpii16', known.astype(float)), action=action)


def _structs(value: Any) -> list[Any]:
    """Matlab's structures, of which an empty list, one or several come in different shapes."""
    return [item for item in np.atleast_1d(np.asarray(value, object)) if hasattr(item, '_fieldnames')]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ''


def _joints(note: Any) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (16, 2) and whether each joint is annotated (16,)."""
    points, known = np.zeros((16, 2)), np.zeros(16, bool)
    for holder in _structs(getattr(note, 'annopoints', ())):
        for point in _structs(holder.point):
            points[int(point.id)], known[int(point.id)] = (point.x, point.y), True
    return points, known
