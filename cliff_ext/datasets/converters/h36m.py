"""Human3.6M in the COCO format of 3DMPPE: ``annotations/Human36M_subject*_{data,camera,joint_3d,…}.json`` and ``images``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from .base import HumanRow, RawDataset, to_spin49
from .h36m_mosh import MoSh
from .smpl import BodyModels, Camera, rotate_root, smpl_to_camera

SUBJECTS = dict(train=(1, 5, 6, 7, 8), test=(9, 11))
FRONTAL = 4
"""Camera that protocol 2 is judged on."""
STRIDE = dict(train=5, test=64)
ACTIONS = dict(enumerate(('Directions', 'Discussion', 'Eating', 'Greeting', 'Phoning', 'Posing', 'Purchases', 'Sitting',
                          'SittingDown', 'Smoking', 'Photo', 'Waiting', 'Walking', 'WalkDog', 'WalkTogether'), 2))
AGREES = 0.5
"""Least cosine between SMPL's and the joints' left-right and upward directions."""


class Human36M(RawDataset):
    """Human3.6M [Ionescu et al., TPAMI 2014], images at the frame rate of the release, joints from markers.

    SMPL comes from a json per subject (``smpl_param`` or ``SMPL_NeuralAnnot``) or from MoSh; rows that have none, or whose
    body is turned otherwise than the joints, keep their joints only, and are counted. The world's millimetres become
    metres in the camera.

    Args:
        root: Folder with ``annotations`` and ``images``.
        split: ``train`` or ``test``.
        protocol: 1 takes all cameras, 2 the frontal one only.
        stride: Every how many frames; default 5 for training, 64 for the test.
        smpl: Ending of the json files of SMPL parameters, ``smpl_param`` or ``SMPL_NeuralAnnot``, or None.
        mosh: Folder of MoSh files, ``S1/NAME_cam0_aligned.pkl``; needs the official download's
            ``metadata.xml`` in ``root``.
        bodies: Neutral SMPL; needed for the translation.
    """

    name = 'h36m'

    def __init__(self, root: str | Path, split: str = 'train', protocol: int = 1, stride: int | None = None,
                 smpl: str | None = None, mosh: str | Path | None = None, bodies: BodyModels | None = None) -> None:
        if split not in SUBJECTS or protocol not in (1, 2):
            raise ValueError(f'h36m: split must be one of {tuple(SUBJECTS)}, protocol 1 or 2, got {split!r}, {protocol!r}')
        if smpl and mosh:
            raise ValueError('h36m: SMPL parameters come from json files (smpl) or from MoSh (mosh), not from both')
        super().__init__(root)
        self.split, self.protocol, self.smpl, self.bodies = split, protocol, smpl, bodies
        self.stride = stride or STRIDE[split]
        self.mosh = MoSh(mosh, self.root / 'metadata.xml') if mosh else None

    def steps(self) -> list[int]:
        return list(SUBJECTS[self.split])

    def _json(self, subject: int, kind: str) -> Any:
        path = self.root / 'annotations' / f'Human36M_subject{subject}_{kind}.json'
        if not path.is_file():
            raise FileNotFoundError(f'h36m: {path} is missing; the annotations come with 3DMPPE (its readme, Human3.6M)')
        return json.loads(path.read_bytes())

    def read(self, step: int) -> Iterator[HumanRow]:
        data, cameras, joints = (self._json(step, kind) for kind in ('data', 'camera', 'joint_3d'))
        bodies = self._json(step, self.smpl) if self.smpl else {}
        images = {image['id']: image for image in data['images']}
        for note in data['annotations']:
            image = images[note['image_id']]
            if image['frame_idx'] % self.stride or (self.protocol == 2 and image['cam_idx'] != FRONTAL):
                continue
            keys = [str(image[key]) for key in ('action_idx', 'subaction_idx', 'frame_idx')]
            world = _lookup(joints, keys)
            if world is None:
                self.skipped['no 3D joints'] += 1
                continue
            view = cameras[str(image['cam_idx'])]
            row, seen = _joints_row(image, note, view, np.asarray(world, np.float64))
            body = self._body(image, view, _lookup(bodies, keys))
            if body is not None and _agrees(body['global_orient'], seen):
                for key, value in body.items():
                    setattr(row, key, value)
            elif self.smpl or self.mosh:
                self.skipped['SMPL missing or turned otherwise than the joints (joints kept)'] += 1
            yield row

    def _body(self, image: dict, view: dict, entry: dict | None) -> dict[str, np.ndarray] | None:
        """SMPL's fields in the camera, or None."""
        if self.mosh is not None:
            return self.mosh.body(image['subject'], image['action_idx'], image['subaction_idx'], image['cam_idx'],
                                  image['frame_idx'])
        if entry is None:
            return None
        pose = np.asarray(entry['pose'], np.float64).reshape(24, 3)
        betas = np.asarray(entry['shape'], np.float32).reshape(-1)[:10]
        rotation, translation = np.asarray(view['R'], np.float64), np.asarray(view['t'], np.float64).reshape(3) / 1000
        fields = dict(body_pose=pose[1:].astype(np.float32), betas=betas)
        if self.bodies is None:
            return dict(fields, global_orient=rotate_root(pose[:1], rotation)[0])
        rest = self.bodies.rest_pelvis(betas, 'neutral')
        trans = np.asarray(entry['trans'], np.float64).reshape(1, 3)
        root, transl = smpl_to_camera(pose[:1], trans, rest, rotation, translation)
        camera = Camera(_intrinsics(view), (image['width'], image['height']))
        return dict(fields, global_orient=root[0], transl=camera.recentre(transl, rest + transl)[0])


def _lookup(tree: dict, keys: list[str]) -> Any:
    for key in keys:
        tree = tree.get(key)
        if tree is None:
            return None
    return tree


def _intrinsics(view: dict) -> np.ndarray:
    (fx, fy), (cx, cy) = view['f'], view['c']
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], np.float64)


def _joints_row(image: dict, note: dict, view: dict, world: np.ndarray) -> tuple[HumanRow, np.ndarray]:
    """A row without SMPL, and its joints (17, 3) in the camera, metres."""
    seen = (world @ np.asarray(view['R']).T + np.asarray(view['t']).reshape(3)) / 1000
    camera = Camera(_intrinsics(view), (image['width'], image['height']))
    pixels = camera.project(seen)
    left, top, width, height = note['bbox']
    row = HumanRow(
        f'images/{image["file_name"]}', np.array([left, top, left + width, top + height], np.float64), camera.image_size,
        camera.focal_length, to_spin49(pixels[:, :2], 'h36m17', pixels[:, 2]), to_spin49(seen, 'h36m17'),
        sequence=Path(image['file_name']).parent.name, action=ACTIONS.get(image['action_idx'], ''),
        frame_id=image['frame_idx'])
    return row, seen


def _agrees(global_orient: np.ndarray, joints: np.ndarray) -> bool:
    """Whether SMPL's pelvis is turned as the hips and the spine of the 17 joints are; its x points left, its y up."""
    turn = Rotation.from_rotvec(global_orient).as_matrix()
    lines = joints[4] - joints[1], joints[8] - joints[0]
    return all(turn[:, axis] @ line > AGREES * np.linalg.norm(line) for axis, line in enumerate(lines))
