"""MoSh's SMPL parameters of Human3.6M, by the names of the official download: ``S1/Directions 1_cam0_aligned.pkl``."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from cliff_ext.io.data_pickle import load_data_pickle

RATE = 5
"""Frames of the release per pose of MoSh: 50 and 10 a second."""
FLIP = Rotation.from_rotvec([np.pi, 0, 0])
"""What stands to the right of a file's root rotation to make it the camera's, as mmhuman3d reads these files."""


class MoSh:
    """Neutral SMPL per recording and camera, already in the camera.

    Args:
        folder: Has ``S1`` … ``S11``.
        metadata: ``metadata.xml`` of the official download, which knows each recording's name.

    Raises:
        FileNotFoundError: One of them is missing.
    """

    def __init__(self, folder: str | Path, metadata: Path) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise FileNotFoundError(f'h36m: folder of MoSh files not found: {folder}')
        if not metadata.is_file():
            raise FileNotFoundError(f'h36m: {metadata} is missing; it comes with the official download and gives the names '
                                    'of recordings that the MoSh files bear')
        self.names = recording_names(metadata)
        self._load = lru_cache(4)(load_data_pickle)

    def body(self, subject: int, action: int, subaction: int, camera: int, frame: int) -> dict[str, np.ndarray] | None:
        """``global_orient`` (3,), ``body_pose`` (23, 3) and ``betas`` (10,) of a frame, None where there is none."""
        name = self.names.get((subject, action, subaction))
        path = self.folder / f'S{subject}' / f'{name}_cam{camera - 1}_aligned.pkl'
        if name is None or not path.is_file():
            return None
        content = self._load(path)
        if frame // RATE >= len(content['new_poses']):
            return None
        pose = np.asarray(content['new_poses'][frame // RATE], np.float64).reshape(24, 3)
        root = (Rotation.from_rotvec(pose[0]) * FLIP).as_rotvec()
        return dict(global_orient=root.astype(np.float32), body_pose=pose[1:].astype(np.float32),
                    betas=np.asarray(content['betas'], np.float32).reshape(-1)[:10])


def recording_names(metadata: Path) -> dict[tuple[int, int, int], str]:
    """Name of each (subject, action, subaction) in ``metadata.xml``.

    Its ``mapping`` is a table: a first row with the subjects from the third column on, then one row an action and subaction.
    """
    table = ElementTree.parse(metadata).getroot().find('mapping')
    if table is None:
        raise ValueError(f'{metadata} has no mapping, so this is not the metadata of Human3.6M')
    cells = [[cell.text or '' for cell in line] for line in table]
    subjects = [int(name.removeprefix('S')) for name in cells[0][2:]]
    return {(subject, int(line[0]), int(line[1])): name for line in cells[1:] if line[0].isdigit() and line[1].isdigit()
            for subject, name in zip(subjects, line[2:], strict=False) if name}
