"""Rows of raw downloads as columns of HumanData."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cliff_ext.io import HumanData

from .base import HumanRow

NUMBERS = dict(bbox=(4, ), image_size=(2, ), focal_length=(), keypoints2d=(49, 3), keypoints3d=(49, 4), global_orient=(3, ),
               body_pose=(23, 3), betas=(10, ), transl=(3, ))
"""Shape of a row's fields."""
TEXTS = ('image_path', 'gender', 'sequence', 'action')


def stack_rows(rows: Sequence[HumanRow]) -> dict[str, np.ndarray]:
    """Columns of rows; numbers that a row does not know are NaN."""
    columns: dict[str, np.ndarray] = {name: np.array([getattr(row, name) for row in rows], np.str_) for name in TEXTS}
    columns['frame_id'] = np.array([row.frame_id for row in rows], np.int64)
    for name, shape in NUMBERS.items():
        column = np.full((len(rows), *shape), np.nan, np.float32)
        for i, row in enumerate(rows):
            value = getattr(row, name)
            if value is not None:
                column[i] = value
        columns[name] = column
    return columns


def columns_to_human_data(name: str, columns: dict[str, np.ndarray]) -> HumanData:
    """Leaves out what nobody has; what some lack is zero there, with its flag down (focal lengths stay NaN).

    Args:
        name: Of the data set.
        columns: From :func:`stack_rows`.
    """
    known = {key: np.isfinite(columns[key].reshape(len(columns[key]), -1)).all(1) for key in NUMBERS}
    flags = dict(has_smpl=known['body_pose'], has_betas=known['betas'],
                 has_transl=known['transl'] & known['focal_length'])
    kept = {key: columns[key] if key == 'focal_length' else np.nan_to_num(columns[key])
            for key in NUMBERS if known[key].any()}
    texts = {key: columns[key] for key in TEXTS if (columns[key] != '').any()}
    skeletons = {f'{key}_skeleton': 'spin49' for key in ('keypoints2d', 'keypoints3d') if key in kept}
    return HumanData(dataset=name, frame_id=columns['frame_id'], **flags, **kept, **texts, **skeletons)
