"""Finds the annotations of people that nothing can be learned from or judged by, and says why."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from cliff_ext.io import HumanData

SHOWN = 10
"""How many examples a message names."""


def bad_rows(people: HumanData) -> dict[str, np.ndarray]:
    """Rows that cannot be used, (M,) indices by what is wrong with them; a row may be in several."""
    box, count = people.bbox, len(people)
    keypoints = people.keypoints2d, people.keypoints3d, people.keypoints3d_eval
    found = {
        'a box that is not finite or has no area': ~np.isfinite(box).all(1) | ~(box[:, 2:] > box[:, :2]).all(1),
        'keypoints that are not finite': np.any([_broken_points(points, count) for points in keypoints], 0),
        'SMPL parameters that are not finite': _broken_smpl(people),
        'no known keypoint and no SMPL pose': ~np.any([people.has_smpl, *(_seen(points, count) for points in keypoints)], 0),
    }
    if people.focal_length is not None:
        found['a focal length that is not positive'] = people.focal_length <= 0
    if people.image_size is not None:
        outside = (box[:, :2] >= people.image_size).any(1) | (box[:, 2:] <= 0).any(1)
        found['a box outside of the image'] = outside
    return {reason: np.flatnonzero(rows) for reason, rows in found.items() if rows.any()}


def _seen(points: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count, bool) if points is None else (points[..., -1] > 0).any(1)


def _broken_points(points: np.ndarray | None, count: int) -> np.ndarray:
    if points is None:
        return np.zeros(count, bool)
    confidence = points[..., -1]
    return (~np.isfinite(confidence) | ((confidence > 0) & ~np.isfinite(points).all(-1))).any(1)


def _broken_smpl(people: HumanData) -> np.ndarray:
    broken = np.zeros(len(people), bool)
    for flag, names in (('has_smpl', ('global_orient', 'body_pose')), ('has_betas', ('betas', )),
                        ('has_transl', ('transl', ))):
        for name in names:
            column = getattr(people, name)
            if column is not None:
                broken |= getattr(people, flag) & ~np.isfinite(column).reshape(len(people), -1).all(1)
    return broken


def describe_rows(people: HumanData, found: dict[str, np.ndarray]) -> str:
    """One line for each kind of problem: how many rows, and the first of them."""
    lines = []
    for reason, rows in found.items():
        shown = [f'row {i} ({people.image_path[i]})' for i in rows[:SHOWN]]
        lines.append(f'  {len(rows)} with {reason}: {_examples(shown, len(rows))}')
    return '\n'.join(lines)


def missing_images(root: Path, names: np.ndarray) -> list[str]:
    """Image paths, each once, that are no files under ``root``; asks for every folder's listing, not for every file."""
    folders: dict[Path, list[str]] = defaultdict(list)
    for name in np.unique(names).tolist():
        folders[(root / name).parent].append(name)
    missing = []
    for folder, wanted in folders.items():
        there = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
        missing += [name for name in wanted if Path(name).name not in there]
    return sorted(missing)


def describe_missing(missing: list[str]) -> str:
    """The first missing images and how many more there are."""
    return _examples(missing[:SHOWN], len(missing))


def _examples(shown: list[str], total: int) -> str:
    return ', '.join(shown) + (f' and {total - len(shown)} more' if total > len(shown) else '')
