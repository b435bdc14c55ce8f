"""HumanData npz whose people have 3D joints in their camera, as data for RootNet and PoseNet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from cliff_ext.geometry import camera_to_pixels
from cliff_ext.io import HumanData, load_human_data
from cliff_ext.registry import DATASETS
from cliff_ext.structures import get_skeleton

from .people import People

CLOSE = 2.
"""Pixels that a joint may lie off its projection."""
CORNER = 0.5
"""HumanData counts pixels from the image's corner, patches from the first pixel's middle."""
ROOT = 'pelvis'
NEEDED = ('keypoints2d', 'keypoints3d', 'focal_length', 'image_size')


@DATASETS.register_module()
class HumanDataPoseLayout:
    """HumanData npz with ``keypoints3d`` from the camera's origin, as ``projects/synthetic_humans`` writes it.

    HumanData may have its joints from any origin; so they are projected, and must meet the file's ``keypoints2d``.

    Args:
        file: The npz.
        image_root: Folder that ``image_path`` starts from.
        skeleton: Wanted joints, with a pelvis.
    """

    def __init__(self, file: str, image_root: str, skeleton: str = 'h36m17') -> None:
        self.file, self.image_root = file, Path(image_root)
        self.metainfo = dict(dataset='human_data', skeleton=skeleton)

    def load(self) -> People:
        """All people.

        Raises:
            FileNotFoundError: No such file.
            ValueError: It lacks cameras or joints, or its 3D joints are not seen where its 2D joints are.
        """
        data = load_human_data(self.file, self.metainfo['skeleton'])
        missing = [name for name in NEEDED if getattr(data, name) is None]
        if missing or not np.isfinite(data.focal_length).all():
            raise ValueError(f'{self.file} has no {", ".join(missing or ["focal_length"])} of all people, which absolute '
                             'poses need')
        focal = np.repeat(data.focal_length[:, None], 2, 1).astype(np.float64)
        center = data.image_size / 2. - CORNER
        joints = data.keypoints3d[..., :3].astype(np.float64)
        known = (data.keypoints2d[..., 2] > 0) & (data.keypoints3d[..., 3] > 0)
        self._check(data, camera_to_pixels(*map(torch.from_numpy, (joints, focal, center)))[..., :2].numpy(), known)
        root = get_skeleton(self.metainfo['skeleton']).index(ROOT)
        paths, image_id = np.unique(data.image_path, return_inverse=True)
        return People(
            self.metainfo['skeleton'], [str(self.image_root / path) for path in data.image_path], image_id, data.image_size,
            data.bbox.astype(np.float64), data.keypoints2d[..., :2] - CORNER, known.astype(np.float64),
            np.where(known[..., None], joints, np.nan), np.where(known[:, root, None], joints[:, root], np.nan), focal,
            center, True, np.ones(len(data)), action=[] if data.action is None else data.action.tolist())

    def _check(self, data: HumanData, seen: np.ndarray, known: np.ndarray) -> None:
        off = np.abs(seen + CORNER - data.keypoints2d[..., :2]).max(-1)[known]
        if not len(off) or np.median(off) > CLOSE:
            found = f'{np.median(off):.0f} pixels off' if len(off) else 'none is known'
            raise ValueError(f'{self.file}: its 3D joints are not seen where its 2D joints are ({found}); keypoints3d must '
                             'be in the camera, not seen from a root')
