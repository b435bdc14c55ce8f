"""Whom a tracker of mmdet follows in a frame, whatever way it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from mmengine.structures import InstanceData

SMPL_SHAPES: dict[str, tuple[int, ...]] = dict(global_orient=(3, 3), body_pose=(23, 3, 3), betas=(10, ), transl=(3, ),
                                               focal_length=())
"""Shape of a row of each field that :class:`MeshTracker` adds to ``pred_track_instances``."""


@dataclass
class TrackedPeople:
    """N tracked boxes of one frame: ids (N,), bboxes (N, 4) xyxy pixels of the original image, scores (N,), labels (N,)."""

    ids: np.ndarray
    bboxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray

    @classmethod
    def of(cls, instances: InstanceData | Mapping) -> TrackedPeople:
        """Reads ``pred_track_instances``.

        StrongSORT gives no identities beside its boxes but rows of frame, identity, x, y, width, height and score.
        """
        if 'instances_id' in instances:
            return cls(*(_numpy(instances[name]) for name in ('instances_id', 'bboxes', 'scores', 'labels')))
        rows = _numpy(instances['bboxes']).reshape(-1, 7).astype(np.float32)
        corners = np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], 1)
        return cls(rows[:, 1].astype(np.int64), corners, rows[:, 6], np.zeros(len(rows), np.int64))

    def __len__(self) -> int:
        return len(self.ids)

    def seen(self, label: int, image_size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Rows (M,) of people of whom something is in the picture, and what of their boxes is, (M, 4).

        Args:
            label: Which class is a person.
            image_size: Width and height.
        """
        cut = np.clip(self.bboxes, 0, np.tile(image_size, 2))
        visible = np.isfinite(self.bboxes).all(1) & ((cut[:, 2:] - cut[:, :2]) >= 2).all(1)
        rows = np.flatnonzero(visible & (self.labels == label))
        return rows, cut[rows].astype(np.float32)


def _numpy(value: object) -> np.ndarray:
    return np.asarray(value.detach().cpu() if hasattr(value, 'detach') else value)
