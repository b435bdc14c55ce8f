"""Readers of people in images: HumanData, SPIN's and BEDLAM's npz, and CLIFF's pseudo ground truth; each gives HumanData."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cliff_ext.io import HumanData, load_human_data, load_object_arrays
from cliff_ext.registry import DATASETS
from cliff_ext.structures import get_skeleton, map_joints

BOX_UNIT, PADDING, ASPECT = 200., 1.1, 0.75
"""A crop is ``scale`` * 200 pixels high; ``FullFrameCrop`` pads boxes by 1.1 and widens them to 3:4."""
SPIN_KEYS = ('imgname', 'center', 'scale', 'part', 'openpose', 'S', 'pose', 'shape', 'has_smpl', 'gender')
BEDLAM_KEYS = ('imgname', 'center', 'scale', 'pose_cam', 'shape', 'trans_cam', 'cam_ext', 'cam_int', 'gtkps', 'gender')
CLIFF_KEYS = ('imgname', 'center', 'scale', 'part', 'S', 'pose', 'shape', 'has_smpl', 'global_t', 'focal_l')


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


@DATASETS.register_module()
class SpinLayout:
    """SPIN's npz, as EFT, PARE and others use them too.

    Keys: ``imgname``, ``center``, ``scale`` (box side / 200), and each optional: ``part`` (24 joints, x, y, confidence),
    ``openpose`` (25), ``S`` (24 joints in 3D), ``pose`` (72, axis-angle in the camera), ``shape``, ``has_smpl``, ``gender``.

    Args:
        file: The npz.
        dataset: Name of the data set.
    """

    def __init__(self, file: str | Path, dataset: str) -> None:
        self.file = file
        self.dataset = dataset

    def load(self) -> HumanData:
        """Reads the file."""
        arrays = read_arrays(self.file, SPIN_KEYS, ('imgname', 'center', 'scale'))
        return build(self.file, dataset=self.dataset, **place_columns(arrays), **spin_columns(arrays))


@DATASETS.register_module()
class CliffLayout:
    """CLIFF's published pseudo ground truth (``coco2014part_cliffGT.npz``, ``mpii_cliffGT.npz``), and what
    ``tools/annotate.py`` writes.

    Keys: SPIN's ``imgname``, ``center``, ``scale``, ``part``, ``S``, ``pose``, ``shape``, ``has_smpl``, and ``global_t``
    (translation in the full camera, metres) with ``focal_l`` (pixels).

    Args:
        file: The npz.
        dataset: Name of the data set.
    """

    def __init__(self, file: str | Path, dataset: str) -> None:
        self.file = file
        self.dataset = dataset

    def load(self) -> HumanData:
        """Reads the file."""
        arrays = read_arrays(self.file, CLIFF_KEYS, ('imgname', 'center', 'scale', 'part', 'pose', 'shape', 'global_t',
                                                     'focal_l'))
        columns = spin_columns(arrays)
        return build(self.file, dataset=self.dataset, **place_columns(arrays), **columns, transl=arrays['global_t'],
                     focal_length=np.reshape(arrays['focal_l'], -1), has_transl=columns.get('has_smpl'))


@DATASETS.register_module()
class BedlamLayout:
    """BEDLAM's processed labels for SMPL (one npz a scene).

    Keys: ``imgname``, ``center``, ``scale``, ``pose_cam`` (72), ``shape``, ``trans_cam`` and ``cam_ext`` (4, 4), whose sum
    is SMPL's translation in the camera, ``cam_int`` (3, 3), whose principal point is the image's centre, ``gtkps`` (joints
    in SMPL's order), ``gender``.

    Args:
        file: The npz.
    """

    def __init__(self, file: str | Path) -> None:
        self.file = file

    def load(self) -> HumanData:
        """Reads the file."""
        arrays = read_arrays(self.file, BEDLAM_KEYS, BEDLAM_KEYS[:-1])
        count, cameras = len(arrays['imgname']), np.asarray(arrays['cam_int'])
        points = np.asarray(arrays['gtkps'])[:, :24, :2]
        points = np.concatenate([points, np.ones((*points.shape[:2], 1))], 2).astype(np.float32)
        pose = np.reshape(arrays['pose_cam'], (count, -1))[:, :72].reshape(-1, 24, 3)
        columns: dict[str, Any] = dict(
            keypoints2d=map_joints(points, 'smpl24', 'spin49')[0], keypoints2d_skeleton='spin49', global_orient=pose[:, 0],
            body_pose=pose[:, 1:], betas=np.asarray(arrays['shape'])[:, :10],
            transl=np.asarray(arrays['trans_cam']) + np.asarray(arrays['cam_ext'])[:, :3, 3],
            focal_length=(cameras[:, 0, 0] + cameras[:, 1, 1]) / 2, image_size=2 * cameras[:, :2, 2],
            sequence=[str(Path(str(name)).parent) for name in arrays['imgname']])
        if 'gender' in arrays:
            columns['gender'] = arrays['gender']
        return build(self.file, dataset='bedlam', **place_columns(arrays), **columns)


def read_arrays(file: str | Path, keys: tuple[str, ...], needed: tuple[str, ...]) -> dict[str, Any]:
    """Some arrays of an npz, without running code.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: It asks for code.
        ValueError: It lacks a needed array; the message lists those it has.
    """
    arrays = load_object_arrays(file, keys)
    missing = [key for key in needed if key not in arrays]
    if missing:
        raise ValueError(f'{file} has no {", ".join(missing)}; of the arrays that this layout reads it has '
                         f'{", ".join(arrays) or "none"}')
    return arrays


def build(file: str | Path, **columns: Any) -> HumanData:
    """HumanData whose errors name the file."""
    try:
        return HumanData(**columns)
    except ValueError as error:
        raise ValueError(f'{file}: {error}') from error


def place_columns(arrays: dict[str, Any]) -> dict[str, Any]:
    """Image paths, and boxes whose crop, as ``FullFrameCrop`` makes it, is ``scale`` * 200 pixels high."""
    height = np.reshape(arrays['scale'], -1).astype(np.float64) * BOX_UNIT / PADDING
    half = np.stack([height * ASPECT, height], 1) / 2
    center = np.asarray(arrays['center'], np.float64)
    return dict(image_path=[str(name) for name in arrays['imgname']], bbox=np.concatenate([center - half, center + half], 1))


def spin_columns(arrays: dict[str, Any]) -> dict[str, Any]:
    """Keypoints and SMPL parameters of SPIN's keys, as far as they are there."""
    count, total = len(arrays['imgname']), len(get_skeleton('spin49'))
    columns: dict[str, Any] = {}
    for name, parts, size in (('keypoints2d', (('openpose', slice(0, 25)), ('part', slice(25, 49))), 3),
                              ('keypoints3d', (('S', slice(25, 49)), ), 4)):
        points = np.zeros((count, total, size), np.float32)
        for key, joints in parts:
            if key in arrays:
                points[:, joints] = expect(arrays[key], (count, joints.stop - joints.start, size), key)
        if any(key in arrays for key, _ in parts):
            columns |= {name: points, f'{name}_skeleton': 'spin49'}
    if 'pose' in arrays:
        pose = np.asarray(arrays['pose'], np.float32).reshape(count, 24, 3)
        columns |= dict(global_orient=pose[:, 0], body_pose=pose[:, 1:])
    if 'shape' in arrays:
        columns['betas'] = np.asarray(arrays['shape'])[:, :10]
    if 'has_smpl' in arrays and 'pose' in arrays:
        known = np.reshape(arrays['has_smpl'], -1) > 0
        columns |= dict(has_smpl=known, has_betas=known) if 'shape' in arrays else dict(has_smpl=known)
    if 'gender' in arrays:
        columns['gender'] = arrays['gender']
    return columns


def expect(value: Any, shape: tuple[int, ...], key: str) -> np.ndarray:
    """The array, if it has the shape.

    Raises:
        ValueError: It has another.
    """
    array = np.asarray(value)
    if array.shape != shape:
        raise ValueError(f'{key} must have shape {shape}, got {array.shape}')
    return array

