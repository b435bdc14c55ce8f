"""What travels with a pose sequence through a refiner."""

from __future__ import annotations

from mmengine.structures import BaseDataElement
from torch import Tensor


class PoseSample(BaseDataElement):
    """One pose sequence, or one window of it.

    Meta information: ``sequence`` (str, its name), ``frame_ids`` (T,), ``representation``: ``'smpl'`` (6D rotations),
    ``'keypoints3d'`` or ``'keypoints2d'``.

    ``gt_pose``: (T, C), or (V, T, C) for V views; what the refiner should give.
    ``pred_pose``: the same shape; what it gives.
    ``pred_quality``: (T,) or (V, T), where the refiner tells how far it trusts each frame.
    """

    @property
    def gt_pose(self) -> Tensor:
        return self._gt_pose

    @gt_pose.setter
    def gt_pose(self, value: Tensor) -> None:
        self.set_field(value, '_gt_pose', dtype=Tensor)

    @gt_pose.deleter
    def gt_pose(self) -> None:
        del self._gt_pose

    @property
    def pred_pose(self) -> Tensor:
        return self._pred_pose

    @pred_pose.setter
    def pred_pose(self, value: Tensor) -> None:
        self.set_field(value, '_pred_pose', dtype=Tensor)

    @pred_pose.deleter
    def pred_pose(self) -> None:
        del self._pred_pose

    @property
    def pred_quality(self) -> Tensor:
        return self._pred_quality

    @pred_quality.setter
    def pred_quality(self, value: Tensor) -> None:
        self.set_field(value, '_pred_quality', dtype=Tensor)

    @pred_quality.deleter
    def pred_quality(self) -> None:
        del self._pred_quality
