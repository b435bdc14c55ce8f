"""EMDB's download: ``P*/SEQUENCE/P*_SEQUENCE_data.pkl`` and ``P*/SEQUENCE/images/%05d.jpg``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cliff_ext.io.data_pickle import load_data_pickle

from .base import HumanRow, RawDataset
from .smpl import GENDERS, BodyModels, Camera, rotate_root, smpl24_in_spin49, smpl_to_camera

SPLITS = ('emdb1', 'emdb2', 'all')


class EMDB(RawDataset):
    """The Electromagnetic Database of Global 3D Human Pose and Shape in the Wild [Kaufmann et al., ICCV 2023].

    SMPL of the person's gender comes from the world into each frame's camera. Frames that the authors mark as not good,
    and boxes they mark as invalid, are left out.

    Args:
        root: Folder with ``P0`` … ``P9``.
        split: ``emdb1`` (where the paper judges image methods), ``emdb2`` (global trajectories) or ``all``.
        bodies: Needed for the translation and for 3D joints: SMPL turns about its pelvis, whose place depends on the
            shape; without it there are neither.
    """

    name = 'emdb'

    def __init__(self, root: str | Path, split: str = 'emdb1', bodies: BodyModels | None = None) -> None:
        if split not in SPLITS:
            raise ValueError(f'emdb: split must be one of {SPLITS}, got {split!r}')
        super().__init__(root)
        self.split = split
        self.bodies = bodies

    def steps(self) -> list[Path]:
        return self.files('P*/*/*_data.pkl', 'Unpack the P0 … P9 folders there.')

    def read(self, step: Path) -> Iterator[HumanRow]:
        content = load_data_pickle(step)
        if self.split != 'all' and not content[self.split]:
            return
        wanted = np.asarray(content['good_frames_mask'], bool).copy()
        wanted[np.asarray(content['bboxes']['invalid_idxs'], np.int64)] = False
        frames = np.flatnonzero(wanted)
        self.skipped['frame or box marked as not good'] += len(wanted) - len(frames)
        view = content['camera']
        camera = Camera(np.asarray(view['intrinsics'], np.float64), (int(view['width']), int(view['height'])))
        gender = GENDERS[content['gender']]
        betas = np.tile(np.asarray(content['smpl']['betas'], np.float32).reshape(-1)[:10], (len(frames), 1))
        body_pose = np.asarray(content['smpl']['poses_body'], np.float32)[frames].reshape(-1, 23, 3)
        root, transl, joints = self._body(content, frames, body_pose, betas, camera)
        if joints is None:
            points = np.asarray(content['kp2d'], np.float32)[frames]
            pixels = smpl24_in_spin49(np.concatenate([points, np.ones_like(points[..., :1])], -1))
        else:
            pixels = camera.project(joints[..., :3])
        folder = step.parent.relative_to(self.root).as_posix()
        for i, frame in enumerate(frames):
            yield HumanRow(
                f'{folder}/images/{frame:05d}.jpg', np.asarray(content['bboxes']['bboxes'][frame], np.float64),
                camera.image_size, camera.focal_length, pixels[i], None if joints is None else joints[i], root[i],
                body_pose[i], betas[i], None if transl is None else transl[i], gender, str(content['name']),
                frame_id=int(frame))

    def _body(self, content: dict, frames: np.ndarray, body_pose: np.ndarray, betas: np.ndarray,
              camera: Camera) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """global_orient (N, 3), and with a body model transl (N, 3) and joints (N, 49, 4), in the camera."""
        world = np.asarray(content['camera']['extrinsics'], np.float64)[frames]
        orient, trans = (np.asarray(content['smpl'][key], np.float64)[frames] for key in ('poses_root', 'trans'))
        if self.bodies is None:
            return rotate_root(orient, world[:, :3, :3]), None, None
        gender = GENDERS[content['gender']]
        rest = self.bodies.rest_pelvis(np.asarray(content['smpl']['betas']).reshape(-1)[:10], gender)
        root, transl = smpl_to_camera(orient, trans, rest, world[:, :3, :3], world[:, :3, 3])
        joints = self.bodies.joints(root, body_pose, betas, transl, gender)
        return root, camera.recentre(transl, rest + transl), joints
