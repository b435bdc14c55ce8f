"""Miniature pose files in the layouts that the readers know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


def object_array(parts):
    array = np.empty(len(parts), object)
    for i, part in enumerate(parts):
        array[i] = part
    return array


@pytest.fixture
def smoothnet_files(tmp_path: Path):
    """Writes the two files of a cell; returns the data root."""

    def write(name: str, split: str, truth: dict, detected: dict) -> Path:
        dataset, estimator, kind = name.split('_')
        for place, who, arrays in (('groundtruth', 'gt', truth), ('detected', estimator, detected)):
            folder = tmp_path / name / place
            folder.mkdir(parents=True, exist_ok=True)
            np.savez(folder / f'{dataset}_{who}_{kind}_{split}.npz',
                     **{key: object_array(parts) if isinstance(parts, list) else parts for key, parts in arrays.items()})
        return tmp_path

    return write


@pytest.fixture
def flat_file(tmp_path: Path):
    """Clean motion of a walking stick figure in the flat layout; returns its path."""

    def write(lengths=(40, 12), name: str = 'train.npz') -> Path:
        rng = np.random.default_rng(0)
        rows = sum(lengths)
        time = np.arange(rows)[:, None, None]
        joints = rng.normal(0, 0.4, (17, 3)) + 0.1 * np.sin(time / 9 + np.arange(17)[:, None]) + [0.01, 0, 1] * (time > -1)
        pose = 0.3 * np.sin(time[..., 0] / 7 + np.arange(72))
        path = tmp_path / name
        np.savez(path, joints_3d=joints.astype(np.float32), smpl_pose=pose.astype(np.float32),
                 offsets=np.cumsum([0, *lengths]), names=np.array([f'01_{i:02d}' for i in range(len(lengths))]))
        return path

    return write
