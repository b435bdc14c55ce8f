"""Which of our skeletons mmpose's data sets use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cliff_ext.structures import get_skeleton

SKELETONS = {'coco': 'coco17', 'Human-Art': 'coco17', 'ochuman': 'coco17', 'h36m': 'h36m17', 'mpii': 'mpii16',
             'jhmdb': 'jhmdb15', 'mpi_inf_3dhp': 'mpi3dhp17'}
"""By mmpose's ``dataset_name``: the same points in the same order."""


def skeleton_of(dataset_meta: Mapping[str, Any] | None) -> str:
    """Our name for the joints of a model or data set of mmpose.

    Args:
        dataset_meta: ``model.dataset_meta`` or ``dataset.metainfo``.

    Raises:
        ValueError: Unknown joints; the message lists those that are known.
    """
    name = (dataset_meta or {}).get('dataset_name')
    if name not in SKELETONS:
        raise ValueError(f"mmpose's joints of dataset {name!r} have no counterpart in cliff_ext; known are "
                         f'{", ".join(SKELETONS)}. If they are the joints of one of these, say so with '
                         f"skeleton='{SKELETONS['coco']}' or another of {', '.join(sorted(set(SKELETONS.values())))}")
    return SKELETONS[name]


def check_joints(skeleton: str, count: int) -> None:
    """Refuses keypoints that cannot be a skeleton's.

    Raises:
        ValueError: An unknown skeleton, or another number of joints.
    """
    if len(get_skeleton(skeleton)) != count:
        raise ValueError(f'the predictions have {count} keypoints, skeleton {skeleton} has {len(get_skeleton(skeleton))}; '
                         "name the skeleton of the model's joints")
