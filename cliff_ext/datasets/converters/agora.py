"""AGORA's download: camera tables ``camera_dataframe_smpl/SPLIT_*.pkl``, SMPL fits and ``images/SPLIT``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from cliff_ext.io.data_pickle import load_data_pickle
from cliff_ext.structures import SPIN49_FROM_SMPL54

from .base import BOX_MARGIN, HumanRow, RawDataset, joints_box
from .smpl import BodyModels, Camera, rotate_root

FULL_SIZE = (3840, 2160)
SIZES = {'3840x2160': FULL_SIZE, '1280x720': (1280, 720)}
SENSOR_WIDTH = 36.
"""Millimetres."""
CAMERAS = {  # part of the image's name: lens mm, position cm, yaw and pitch degrees
    'hdri': (50, (0, 0, 170), 0, 0),
    'cam00': (18, (400, -275, 265), 135, 30),
    'cam01': (18, (400, 225, 265), -135, 30),
    'cam02': (18, (-490, 170, 265), -45, 30),
    'cam03': (18, (-490, -275, 265), 45, 30),
    'ag2': (28, (0, 0, 170), 0, 15),
}
"""From AGORA's evaluation code; other images have a lens of 28 mm and their camera in the table."""
GROUND = np.array([0, -1.7, 0])
"""Metres; what those other cameras' places count from."""
SMPL_TO_CAMERA = np.diag([1., -1., -1.])


class AGORA(RawDataset):
    """AGORA [Patel et al., CVPR 2021] with its SMPL fits, which are all of the neutral body.

    Children's fits need AGORA's own template, so children keep their joints only, and are counted.

    Args:
        root: Folder with the tables' folder, ``images`` and the fits, at the paths that the tables give.
        split: ``train`` or ``validation``.
        size: Of the images, ``1280x720`` or ``3840x2160``.
        bodies: Needed where the tables have no joints (those without ``_withjv``).
        tables: Name of the tables' folder.
        box_margin: Side of the box over that of the joints.
    """

    name = 'agora'

    def __init__(self, root: str | Path, split: str = 'train', size: str = '1280x720', bodies: BodyModels | None = None,
                 tables: str = 'camera_dataframe_smpl', box_margin: float = BOX_MARGIN) -> None:
        if split not in ('train', 'validation') or size not in SIZES:
            raise ValueError(f'agora: split must be train or validation and size one of {tuple(SIZES)}, got {split!r}, '
                             f'{size!r}')
        super().__init__(root)
        self.split, self.size, self.bodies, self.tables = split, size, bodies, tables
        self.box_margin = box_margin

    def steps(self) -> list[Path]:
        return self.files(f'{self.tables}/{self.split}_*.pkl', "Unpack AGORA's camera tables for SMPL there.")

    def read(self, step: Path) -> Iterator[HumanRow]:
        table = load_data_pickle(step)
        if self.bodies is None and 'gt_joints_3d' not in table:
            raise ValueError(f'{step} has no joints: take the tables that end in _withjv, or give a body model')
        for image in range(len(table['imgPath'])):
            for person in range(len(table['isValid'][image])):
                if table['isValid'][image][person]:
                    yield self._person(table, image, person)
                else:
                    self.skipped['marked as not valid (occluded)'] += 1

    def _person(self, table: dict[str, np.ndarray], image: int, person: int) -> HumanRow:
        width, height = SIZES[self.size]
        name = str(table['imgPath'][image])
        rotation, translation, lens = agora_view(name, lambda key: table[key][image], person)
        camera = Camera(np.array([[lens / SENSOR_WIDTH * width, 0, width / 2], [0, lens / SENSOR_WIDTH * width, height / 2],
                                  [0, 0, 1]]), (width, height))
        root, body_pose, betas, local = self._fit(str(table['gt_path_smpl'][image][person]))
        joints = self._joints(table, image, person)
        child = bool(table['kid'][image][person])
        if joints is None and child:
            return HumanRow(name, np.full(4, np.nan))
        root_seen = rotate_root(root, rotation)
        rest = self._rest_pelvis(joints, rotation, translation, local, betas)
        transl = rotation @ (rest + local) + translation - rest
        if joints is None:
            joints = self.bodies.joints(root_seen, body_pose[None], betas[None, :10], transl[None], 'neutral')[0]
        pixels = camera.project(joints[:, :3]) * joints[:, 3:]
        suffix = '' if self.size == '3840x2160' else f'_{self.size}'
        path = f'images/{self.split}/{Path(name).with_suffix("")}{suffix}{Path(name).suffix}'
        row = HumanRow(path, joints_box(pixels[pixels[:, 2] > 0, :2], self.box_margin), camera.image_size,
                       camera.focal_length, pixels, joints)
        if child:
            self.skipped['SMPL of a child (joints kept)'] += 1
            return row
        row.global_orient, row.body_pose, row.betas, row.transl = root_seen[0], body_pose, betas[:10], transl
        return row

    def _fit(self, path: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """global_orient (1, 3), body_pose (23, 3), betas (10 or 11,) and transl (3,) in the scan's frame."""
        fit = load_data_pickle((self.root / path).with_suffix('.pkl'))

        def first(*keys: str) -> np.ndarray:
            found = fit[keys[0]] if keys[0] in fit else fit[keys[-1]]
            return np.asarray(found, np.float64).reshape(-1)

        return (first('root_pose', 'global_orient')[None], first('body_pose').reshape(23, 3).astype(np.float32),
                first('betas').astype(np.float32), first('translation', 'transl'))

    @staticmethod
    def _joints(table: dict[str, np.ndarray], image: int, person: int) -> np.ndarray | None:
        """Joints (49, 4) of the table, which has smplx's 45 in the camera."""
        if 'gt_joints_3d' not in table:
            return None
        given = np.asarray(table['gt_joints_3d'][image][person], np.float64).reshape(-1, 3)
        known = np.flatnonzero(min(len(given), 45) > SPIN49_FROM_SMPL54)
        joints = np.zeros((49, 4))
        joints[known, :3], joints[known, 3] = given[SPIN49_FROM_SMPL54[known]], 1
        return joints

    def _rest_pelvis(self, joints: np.ndarray | None, rotation: np.ndarray, translation: np.ndarray, local: np.ndarray,
                     betas: np.ndarray) -> np.ndarray:
        """Pelvis (3,) of the unposed body: from where the table has it, or from the body model."""
        if joints is None:
            return self.bodies.rest_pelvis(betas[:10], 'neutral')
        pelvis = joints[int(np.flatnonzero(SPIN49_FROM_SMPL54 == 0)[0]), :3]
        return rotation.T @ (pelvis - translation) - local


def agora_view(name: str, column: Any, person: int) -> tuple[np.ndarray, np.ndarray, float]:
    """From a person's SMPL frame into an image's camera, x' = A x + b.

    The fit is turned from y up to y down, by the scan's yaw, and put in its place; then the camera's place is taken off, and
    its yaw and pitch are applied. Unreal's (x, y, z), z up, in centimetres, are (y, −z, x) here.

    Args:
        name: Image path; parts of it tell the camera.
        column: Gives the image's cell of a column of the table.
        person: Which of the image's people.

    Returns:
        A (3, 3), b (3,) metres, and the lens in millimetres.
    """
    lens, place, yaw, pitch = next(
        (value for key, value in CAMERAS.items() if key in name), (28, None, None, 0))
    position = _unreal(place) if place is not None else _unreal([column(f'cam{axis}') for axis in 'XYZ']) + GROUND
    yaw = column('camYaw') if yaw is None else yaw
    turn = Rotation.from_euler('x', pitch, degrees=True) * Rotation.from_euler('y', -float(yaw), degrees=True)
    scan = Rotation.from_euler('y', float(column('Yaw')[person]) - 90, degrees=True)
    where = _unreal([column(axis)[person] for axis in 'XYZ'])
    return (turn * scan).as_matrix() @ SMPL_TO_CAMERA, turn.apply(where - position), float(lens)


def _unreal(place: Any) -> np.ndarray:
    x, y, z = (float(value) / 100 for value in place)
    return np.array([y, -z, x])
