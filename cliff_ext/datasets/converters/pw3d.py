"""3DPW's download: ``sequenceFiles/SPLIT/*.pkl`` and ``imageFiles/SEQUENCE/image_%05d.jpg``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cliff_ext.io.data_pickle import load_data_pickle

from .base import BOX_MARGIN, HumanRow, RawDataset, joints_box
from .smpl import GENDERS, BodyModels, Camera, smpl24_in_spin49, smpl_to_camera

SPLITS = ('train', 'validation', 'test')
KEYS = ('sequence', 'poses', 'trans', 'betas', 'genders', 'jointPositions', 'cam_poses', 'cam_intrinsics', 'campose_valid')


class PW3D(RawDataset):
    """3D Poses in the Wild [von Marcard et al., ECCV 2018].

    SMPL of the actor's gender comes from the world into each frame's camera. The 2D joints are projections of the 3D ones,
    since the file's detections (``poses2d``) are unreliable; frames whose camera was not aligned are left out.

    Args:
        root: Folder with ``sequenceFiles`` and ``imageFiles``.
        split: ``train``, ``validation`` or ``test``.
        bodies: Gives all 49 joints; without it the 24 that the file has.
        box_margin: Side of the box over that of the joints.
    """

    name = '3dpw'

    def __init__(self, root: str | Path, split: str = 'train', bodies: BodyModels | None = None,
                 box_margin: float = BOX_MARGIN) -> None:
        if split not in SPLITS:
            raise ValueError(f'3dpw: split must be one of {SPLITS}, got {split!r}')
        super().__init__(root)
        self.split = split
        self.bodies = bodies
        self.box_margin = box_margin

    def steps(self) -> list[Path]:
        return self.files(f'sequenceFiles/{self.split}/*.pkl', 'Unpack sequenceFiles.zip there.')

    def read(self, step: Path) -> Iterator[HumanRow]:
        content = load_data_pickle(step)
        missing = [key for key in KEYS if key not in content]
        if missing:
            raise ValueError(f'{step}: no {", ".join(missing)}, so this is no sequence of 3DPW')
        intrinsics = np.asarray(content['cam_intrinsics'], np.float64)
        camera = Camera(intrinsics, tuple(int(v) for v in np.rint(2 * intrinsics[:2, 2])))
        for actor in range(len(content['poses'])):
            yield from self._actor(content, actor, camera)

    def _actor(self, content: dict, actor: int, camera: Camera) -> Iterator[HumanRow]:
        valid = np.flatnonzero(content['campose_valid'][actor])
        self.skipped['camera not aligned'] += len(content['poses'][actor]) - len(valid)
        world = np.asarray(content['cam_poses'], np.float64)[valid]
        rotation, translation = world[:, :3, :3], world[:, :3, 3]
        positions = np.asarray(content['jointPositions'][actor], np.float64)[valid].reshape(-1, 24, 3)
        pose, trans = (np.asarray(content[key][actor], np.float64)[valid] for key in ('poses', 'trans'))
        gender = GENDERS[content['genders'][actor]]
        betas = np.tile(np.asarray(content['betas'][actor], np.float32)[:10], (len(valid), 1))
        root, transl = smpl_to_camera(pose[:, :3], trans, positions[:, 0] - trans, rotation, translation)
        body_pose = pose[:, 3:72].reshape(-1, 23, 3).astype(np.float32)
        if self.bodies is not None:
            joints = self.bodies.joints(root, body_pose, betas, transl, gender)
        else:
            seen = np.einsum('nij,nkj->nki', rotation, positions) + translation[:, None]
            joints = smpl24_in_spin49(np.concatenate([seen, np.ones_like(seen[..., :1])], -1))
        pixels = camera.project(joints[..., :3]) * joints[..., 3:]
        sequence = str(content['sequence'])
        for i, frame in enumerate(valid):
            box = joints_box(pixels[i][pixels[i, :, 2] > 0, :2], self.box_margin)
            yield HumanRow(
                f'imageFiles/{sequence}/image_{frame:05d}.jpg', box, camera.image_size, camera.focal_length, pixels[i],
                joints[i], root[i], body_pose[i], betas[i], transl[i], gender, f'{sequence}_{actor}', frame_id=int(frame))
