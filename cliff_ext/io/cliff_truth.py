"""CLIFF's pseudo ground truth, as its authors publish it for COCO and MPII (``coco2014part_cliffGT.npz``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .atomic import atomic_path
from .human_data import HumanData

PELVIS = 14
"""Among the 24 joints that data sets annotate, the last of ``spin49``."""


def save_cliff_truth(path: str | Path, data: HumanData, center: np.ndarray, scale: np.ndarray, joints: np.ndarray,
                     annotation_ids: np.ndarray) -> None:
    """Writes the npz that :class:`cliff_ext.datasets.CliffLayout` and other code of CLIFF's users reads.

    Keys: ``imgname``, ``center`` (N, 2), ``scale`` (N,) crop height / 200, ``part`` (N, 24, 3), ``annot_id``,
    ``pose`` (N, 72) axis-angle in the full camera, ``shape`` (N, 10), ``has_smpl``, ``global_t`` (N, 3) metres, ``focal_l``
    pixels, ``S`` (N, 24, 4) with the pelvis at 0; and ``confidence`` (N,), which the published files lack.

    Args:
        path: ``.npz``.
        data: People with SMPL, translation and focal length, keypoints in skeleton ``spin49``.
        center: (N, 2) of the crops, pixels.
        scale: (N,) crop height / 200.
        joints: (N, 49, 3) posed joints, metres.
        annotation_ids: (N,) of the keypoint file.

    Raises:
        ValueError: Some of that is not known, or of another length.
    """
    needed = ('keypoints2d', 'global_orient', 'body_pose', 'betas', 'transl', 'focal_length', 'scores')
    missing = [name for name in needed if getattr(data, name) is None]
    if missing or data.keypoints2d_skeleton != 'spin49':
        raise ValueError(f'{path}: CLIFF\'s layout needs keypoints in spin49 and {", ".join(missing) or "nothing else"}')
    count = len(data)
    if any(len(array) != count for array in (center, scale, joints, annotation_ids)):
        raise ValueError(f'{path}: all arrays must have {count} rows')
    posed = joints[:, 25:] - joints[:, 25 + PELVIS, None]
    with atomic_path(path) as temporary:
        np.savez_compressed(
            temporary, imgname=data.image_path, center=center, scale=scale, part=data.keypoints2d[:, 25:],
            annot_id=annotation_ids, pose=np.concatenate([data.global_orient, data.body_pose.reshape(count, 69)], 1),
            shape=data.betas, has_smpl=data.has_smpl.astype(np.uint8), global_t=data.transl, focal_l=data.focal_length,
            S=np.concatenate([posed, np.ones((count, 24, 1), np.float32)], 2).astype(np.float32), confidence=data.scores)
