"""Who is who from frame to frame."""

from __future__ import annotations

import numpy as np
import torch
from mmengine.registry import DefaultScope

from cliff_ext.integrations import require
from cliff_ext.registry import TASK_UTILS

from .detection import Boxes

MEMORY = 30
"""Frames of each person's history that a tracker keeps."""


@TASK_UTILS.register_module()
class TrackerIdentity:
    """Any tracker of mmdet that works on boxes alone, ByteTracker by default.

    Args:
        tracker: Config of the tracker.
    """

    def __init__(self, tracker: dict) -> None:
        require('mmdet')
        import mmdet.models  # noqa: F401  (registers the trackers)
        from mmdet.registry import MODELS
        cfg = dict(tracker)
        cfg['type'] = cfg['type'].rpartition('.')[2]
        with DefaultScope.overwrite_default_scope('mmdet'):
            self.tracker = MODELS.build(cfg)
        self.started = False

    def __call__(self, frame_id: int, boxes: Boxes, image_size: tuple[int, int]) -> tuple[Boxes, np.ndarray]:
        """The boxes that belong to somebody, and whose they are (N,)."""
        from mmdet.structures import DetDataSample
        from mmengine.structures import InstanceData
        if boxes.ids is not None:
            return boxes, boxes.ids
        sample = DetDataSample(metainfo=dict(frame_id=frame_id if self.started else 0, img_shape=image_size[::-1]))
        self.started = True
        sample.pred_instances = InstanceData(bboxes=torch.from_numpy(boxes.bboxes), scores=torch.from_numpy(boxes.scores),
                                             labels=torch.zeros(len(boxes.scores), dtype=torch.long))
        tracked = self.tracker.track(data_sample=sample)
        for memo in self.tracker.tracks.values():
            for name, history in memo.items():
                if isinstance(history, list) and len(history) > MEMORY:
                    memo[name] = history[-MEMORY:]
        named = Boxes(tracked.bboxes.numpy(), tracked.scores.numpy())
        return named, tracked.instances_id.numpy()


@TASK_UTILS.register_module()
class BestPerson:
    """One person throughout: the box that goes on best from the last one, at first the largest confident one."""

    def __init__(self) -> None:
        self.last: np.ndarray | None = None

    def __call__(self, frame_id: int, boxes: Boxes, image_size: tuple[int, int]) -> tuple[Boxes, np.ndarray]:
        """The chosen box, if any, and its identity 0."""
        if not len(boxes.scores):
            return boxes, np.empty(0, np.int64)
        low, high = boxes.bboxes[:, :2], boxes.bboxes[:, 2:]
        merit = boxes.scores * (high - low).prod(1) / np.prod(image_size)
        if self.last is not None:
            overlap = np.clip(np.minimum(high, self.last[2:]) - np.maximum(low, self.last[:2]), 0, None).prod(1)
            union = (high - low).prod(1) + (self.last[2:] - self.last[:2]).prod() - overlap
            merit = merit + 2 * overlap / union
        best = np.array([merit.argmax()])
        self.last = boxes.bboxes[best[0]]
        return boxes[best], np.zeros(1, np.int64)


@TASK_UTILS.register_module()
class FrameBoxes:
    """No tracking: every box of every image is somebody new, or whom the boxes file says."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame_id: int, boxes: Boxes, image_size: tuple[int, int]) -> tuple[Boxes, np.ndarray]:
        """All boxes, with fresh identities unless they have some."""
        if boxes.ids is not None:
            return boxes, boxes.ids
        ids = self.count + np.arange(len(boxes.scores))
        self.count += len(ids)
        return boxes, ids
