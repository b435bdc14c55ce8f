"""One person in one frame of mmpose's results, read from and written to both shapes that mmpose gives.

mmpose's inferencers return, for each frame, a data sample with ``pred_instances`` or a list with one dict for each person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from mmengine.structures import InstanceData

SMPL = ('global_orient', 'body_pose', 'betas', 'transl', 'focal_length')
"""What CLIFF adds to ``pred_instances``; named as in :class:`cliff_ext.structures.HumanTrack`."""
NAMES = ('keypoints', 'keypoint_scores', 'bboxes', 'bbox_scores', *SMPL)
IN_DICTS = dict(keypoints='keypoints', keypoint_scores='keypoint_scores', bboxes='bbox', bbox_scores='bbox_score')
"""Where a dict of mmpose's has what ``pred_instances`` has."""


@dataclass(frozen=True)
class Person:
    """A person in a frame.

    Attributes:
        values: Arrays without the axis of people, by the names of ``pred_instances``: ``keypoints`` (K, 2) pixels or (K, 3),
            ``keypoint_scores`` (K,), where known ``bboxes`` (4,), ``bbox_scores`` () and SMPL parameters.
        source: What it was read from.
        track_id: Identity, None where the source knows none.
        filled: Whether the person was not seen in this frame.
    """

    values: Mapping[str, np.ndarray]
    source: Any
    track_id: int | None = None
    filled: bool = False

    @property
    def finite(self) -> bool:
        """Whether all numbers are."""
        return all(np.isfinite(value).all() for value in self.values.values())

    @property
    def bbox(self) -> np.ndarray | None:
        """(4,) xyxy: the detector's box, else the one around 2D keypoints; None where there is neither."""
        keypoints = self.values['keypoints']
        if 'bboxes' in self.values or keypoints.shape[-1] != 2:
            return self.values.get('bboxes')
        return np.concatenate([keypoints.min(0), keypoints.max(0)])

    def replace(self, **changes: Any) -> Person:
        """A copy with some attributes exchanged."""
        return replace(self, **changes)


def from_instances(instances: InstanceData | None) -> list[Person]:
    """The people of ``pred_instances``; ``track_ids`` (N,) in it are taken over.

    Raises:
        ValueError: No keypoints among them.
    """
    if instances is None or not len(instances):
        return []
    if 'keypoints' not in instances or 'keypoint_scores' not in instances:
        raise ValueError(f'pred_instances has no keypoints with keypoint_scores; it has {", ".join(instances.keys())}')
    arrays = {name: _numpy(instances[name]) for name in NAMES if name in instances}
    ids = _numpy(instances.track_ids).tolist() if 'track_ids' in instances else [None] * len(instances)
    return [Person({name: array[i] for name, array in arrays.items()}, instances[[i]], ids[i])
            for i in range(len(instances))]


def to_instances(people: Sequence[Person]) -> InstanceData:
    """``pred_instances`` with ``track_ids`` (N,) int64, -1 where unknown, and ``filled`` (N,) bool."""
    rows = []
    for person in people:
        row = person.source.clone()
        for name, value in person.values.items():
            setattr(row, name, _like(value[None], row[name]))
        row.track_ids = np.array([_known(person.track_id)], np.int64)
        row.filled = np.array([person.filled])
        rows.append(row)
    return InstanceData.cat(rows) if rows else InstanceData()


def from_dicts(instances: Sequence[Mapping[str, Any]]) -> list[Person]:
    """The people of a frame as dicts, each with ``keypoints`` and ``keypoint_scores``.

    Raises:
        ValueError: A dict without them.
    """
    people = []
    for one in instances:
        if 'keypoints' not in one or 'keypoint_scores' not in one:
            raise ValueError(f'a prediction of mmpose has keypoints and keypoint_scores, this has {", ".join(one)}')
        values = {name: np.asarray(one[key], np.float32) for name, key in IN_DICTS.items() if key in one}
        if 'bboxes' in values:
            values['bboxes'] = values['bboxes'].reshape(-1)[:4]  # mmpose 1.3 puts it into a tuple of its own
        people.append(Person(values, one, one.get('track_id')))
    return people


def to_dicts(people: Sequence[Person]) -> list[dict[str, Any]]:
    """A frame's people as mmpose's dicts, with ``track_id``, -1 where unknown, and ``filled``."""
    frame = []
    for person in people:
        one = dict(person.source)
        for name, value in person.values.items():
            key = IN_DICTS[name]
            one[key] = (value.tolist(), ) if name == 'bboxes' and np.ndim(one[key]) == 2 else value.tolist()
        one.update(track_id=_known(person.track_id), filled=person.filled)
        frame.append(one)
    return frame


def _known(track_id: int | None) -> int:
    return -1 if track_id is None else int(track_id)


def _numpy(value: Any) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def _like(value: np.ndarray, model: Any) -> Any:
    if isinstance(model, torch.Tensor):
        return torch.as_tensor(value, dtype=model.dtype, device=model.device)
    return value.astype(np.asarray(model).dtype)
