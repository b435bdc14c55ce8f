"""Films as mmpose's inferencers return them, of people who walk to the right."""

from __future__ import annotations

import numpy as np
import pytest
from mmengine.structures import BaseDataElement, InstanceData

SIZE = (640, 360)


def walker(frame: int, start: float, jitter: float = 0.) -> np.ndarray:
    """A person's 17 keypoints in a frame, (17, 2) pixels."""
    place = np.random.default_rng(0).uniform((0, 0), (40, 120), (17, 2))
    noise = np.random.default_rng(1000 + frame).normal(scale=jitter, size=(17, 2)) if jitter else 0.
    return place + [start + 3. * frame, 100.] + noise


def box(points: np.ndarray) -> np.ndarray:
    """(4,) around them."""
    return np.concatenate([points.min(0), points.max(0)])


@pytest.fixture
def film():
    """Makes results, one dict a frame: ``film(frames, starts, missing={(frame, person)}, jitter=…, samples=…)``."""

    def make(frames: int, starts=(50., 300.), missing=(), jitter: float = 0., samples: bool = False) -> list[dict]:
        results = []
        for frame in range(frames):
            points = [walker(frame, start, jitter) for i, start in enumerate(starts) if (frame, i) not in missing]
            scores = [np.full(17, 0.5 + 0.01 * frame) for _ in points]
            boxes = [box(one) for one in points]
            if samples:
                people = InstanceData(
                    keypoints=np.array(points).reshape(-1, 17, 2), keypoint_scores=np.array(scores).reshape(-1, 17),
                    bboxes=np.array(boxes).reshape(-1, 4), bbox_scores=np.full(len(points), 0.9),
                    keypoints_visible=np.array(scores).reshape(-1, 17))
                found = BaseDataElement(metainfo=dict(ori_shape=SIZE[::-1], img_path=f'{frame:06d}.jpg'))
                found.pred_instances = people
            else:
                found = [dict(keypoints=one.tolist(), keypoint_scores=score.tolist(), bbox=(own.tolist(), ), bbox_score=0.9)
                         for one, score, own in zip(points, scores, boxes, strict=True)]
            results.append(dict(visualization=[], predictions=[found]))
        return results

    return make
