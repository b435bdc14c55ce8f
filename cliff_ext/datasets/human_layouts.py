"""Readers of people in images: HumanData, SPIN's and BEDLAM's npz, and CLIFF's pseudo ground truth; each gives HumanData."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cliff_ext.geometry import BOX_UNIT
from cliff_ext.io import HumanData, load_human_data, load_object_arrays
from cliff_ext.registry import DATASETS
from cliff_ext.structures import SPIN49_FROM_SMPL54, get_skeleton

PADDING, ASPECT = 1.1, 0.75
"""How ``FullFrameCrop`` makes crops of boxes."""


@DATASETS.register_module()
class HumanDataLayout:
    """HumanData npz, mmhuman3d's or ours (``tools/dataset_converters``).

    Args:
        file: The npz.
        eval_skeleton: Gives ``keypoints3d_eval`` besides, e.g. ``h36m17``.
    """

    def __init__(self, file: str | Path, eval_skeleton: str | None = None) -> None:
        self.file = file
        self.eval_skeleton = eval_skeleton

    def load(self) -> HumanData:
        """Reads the file, keypoints in skeleton ``spin49``."""
        return load_human_data(self.file, 'spin49', self.eval_skeleton)


class NpzLayout:
    """Reads the arrays ``keys`` of an npz, of which the first ``needed`` must be there.

    Args:
        file: The npz.
        dataset: Name of the data set.
    """

    keys: tuple[str, ...]
    needed: int

    def __init__(self, file: str | Path, dataset: str) -> None:
        self.file = file
        self.dataset = dataset

    def load(self) -> HumanData:
        """Reads the file, without running code from it.

        Raises:
            FileNotFoundError: No such file.
            UnsafePickleError: It asks for code.
            ValueError: It lacks an array, or has one of another shape; the message names file and array.
        """
        arrays = load_object_arrays(self.file, self.keys)
        missing = [key for key in self.keys[:self.needed] if key not in arrays]
        if missing:
            raise ValueError(f'{self.file} has no {", ".join(missing)}; of the arrays that {type(self).__name__} reads it '
                             f'has {", ".join(arrays) or "none"}')
        try:
            return HumanData(dataset=self.dataset, **place_columns(arrays), **self.columns(arrays))
        except ValueError as error:
            raise ValueError(f'{self.file}: {error}') from error

    def columns(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Columns of HumanData besides image paths and boxes."""
        raise NotImplementedError


@DATASETS.register_module()
class SpinLayout(NpzLayout):
    """SPIN's npz, as EFT, PARE and others use them too.

    Keys: ``imgname``, ``center``, ``scale`` (box side / 200), and each optional: ``part`` (24 joints, x, y, confidence),
    ``openpose`` (25), ``S`` (24 joints in 3D), ``pose`` (72, axis-angle in the camera), ``shape``, ``has_smpl``, ``gender``.
    """

    keys = ('imgname', 'center', 'scale', 'part', 'openpose', 'S', 'pose', 'shape', 'has_smpl', 'gender')
    needed = 3

    def columns(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Keypoints and SMPL parameters, as far as they are there."""
        return spin_columns(arrays)


@DATASETS.register_module()
class CliffLayout(NpzLayout):
    """CLIFF's published pseudo ground truth (``coco2014part_cliffGT.npz``, ``mpii_cliffGT.npz``), and what
    ``tools/annotate.py`` writes.

    Keys: SPIN's ``imgname``, ``center``, ``scale``, ``part``, ``S``, ``pose``, ``shape``, ``has_smpl``, and ``global_t``
    (translation in the full camera, metres) with ``focal_l`` (pixels).
    """

    keys = ('imgname', 'center', 'scale', 'part', 'pose', 'shape', 'global_t', 'focal_l', 'S', 'has_smpl')
    needed = 8

    def columns(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """SPIN's columns and the place in the full camera."""
        columns = spin_columns(arrays)
        return columns | dict(transl=arrays['global_t'], focal_length=np.reshape(arrays['focal_l'], -1),
                              has_transl=columns.get('has_smpl'))


@DATASETS.register_module()
class BedlamLayout(NpzLayout):
    """BEDLAM's processed labels for SMPL (one npz a scene).

    Keys: ``imgname``, ``center``, ``scale``, ``pose_cam`` (72), ``shape``, ``trans_cam`` and ``cam_ext`` (4, 4), whose sum
    is SMPL's translation in the camera, ``cam_int`` (3, 3), whose principal point is the image's centre, ``gtkps`` (joints
    in SMPL's order), and optional ``gender``.
    """

    keys = ('imgname', 'center', 'scale', 'pose_cam', 'shape', 'trans_cam', 'cam_ext', 'cam_int', 'gtkps', 'gender')
    needed = 9

    def __init__(self, file: str | Path, dataset: str = 'bedlam') -> None:
        super().__init__(file, dataset)

    def columns(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Keypoints, SMPL and camera."""
        count = len(arrays['imgname'])
        cameras = expect(arrays['cam_int'], (count, 3, 3), 'cam_int')
        pose = np.reshape(arrays['pose_cam'], (count, -1))[:, :72].reshape(-1, 24, 3)
        return dict(
            keypoints2d=bedlam_keypoints(arrays['gtkps'], count), keypoints2d_skeleton='spin49', global_orient=pose[:, 0],
            body_pose=pose[:, 1:], betas=np.asarray(arrays['shape'])[:, :10],
            transl=np.asarray(arrays['trans_cam']) + expect(arrays['cam_ext'], (count, 4, 4), 'cam_ext')[:, :3, 3],
            focal_length=(cameras[:, 0, 0] + cameras[:, 1, 1]) / 2, image_size=2 * cameras[:, :2, 2],
            sequence=[str(Path(str(name)).parent) for name in arrays['imgname']], gender=arrays.get('gender'))


def place_columns(arrays: dict[str, Any]) -> dict[str, Any]:
    """Image paths, and boxes whose crop, as ``FullFrameCrop`` makes it, is ``scale`` * 200 pixels high."""
    names = [str(name) for name in arrays['imgname']]
    height = expect(np.reshape(arrays['scale'], -1), (len(names), ), 'scale').astype(np.float64) * BOX_UNIT / PADDING
    center = expect(arrays['center'], (len(names), 2), 'center').astype(np.float64)
    half = np.stack([height * ASPECT, height], 1) / 2
    return dict(image_path=names, bbox=np.concatenate([center - half, center + half], 1))


def spin_columns(arrays: dict[str, Any]) -> dict[str, Any]:
    """Keypoints and SMPL parameters of SPIN's keys, as far as they are there."""
    count, total = len(arrays['imgname']), len(get_skeleton('spin49'))
    columns: dict[str, Any] = dict(gender=arrays.get('gender'))
    for name, parts, size in (('keypoints2d', (('openpose', slice(0, 25)), ('part', slice(25, 49))), 3),
                              ('keypoints3d', (('S', slice(25, 49)), ), 4)):
        points = np.zeros((count, total, size), np.float32)
        for key, joints in parts:
            if key in arrays:
                points[:, joints] = expect(arrays[key], (count, joints.stop - joints.start, size), key)
        if any(key in arrays for key, _ in parts):
            columns |= {name: points, f'{name}_skeleton': 'spin49'}
    if 'pose' in arrays:
        pose = expect(arrays['pose'], (count, 72), 'pose').reshape(count, 24, 3)
        columns |= dict(global_orient=pose[:, 0], body_pose=pose[:, 1:])
    if 'shape' in arrays:
        columns['betas'] = np.asarray(arrays['shape'])[:, :10]
    if 'has_smpl' in arrays and 'pose' in arrays:
        known = np.reshape(arrays['has_smpl'], -1) > 0
        columns |= dict(has_smpl=known, has_betas=known) if 'shape' in arrays else dict(has_smpl=known)
    return columns


def bedlam_keypoints(points: Any, count: int) -> np.ndarray:
    """Projected joints of SMPL (N, 45, 2), or of SMPL-X, which begin with SMPL's first 22, as (N, 49, 3) of ``spin49``."""
    points = np.asarray(points)
    if points.ndim != 3 or len(points) != count or points.shape[1] < 22 or points.shape[2] < 2:
        raise ValueError(f'gtkps must have shape ({count}, 45, 2), got {points.shape}')
    shared = 45 if points.shape[1] == 45 else 22
    known = np.isin(SPIN49_FROM_SMPL54, np.arange(shared))
    keypoints = np.zeros((count, len(known), 3), np.float32)
    keypoints[:, known, :2] = points[:, SPIN49_FROM_SMPL54[known], :2]
    keypoints[:, known, 2] = 1
    return keypoints


def expect(value: Any, shape: tuple[int, ...], key: str) -> np.ndarray:
    """The array, if it has the shape.

    Raises:
        ValueError: It has another.
    """
    array = np.asarray(value)
    if array.shape != shape:
        raise ValueError(f'{key} must have shape {shape}, got {array.shape}')
    return array
