"""Miniatures of Human3.6M, MuCo-3DHP, MuPoTS-3D, MPII and COCO in the format of 3DMPPE."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 160, 120
FOCAL, CENTER = [150., 152.], [81., 59.]


def save(path: Path, content: object) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return str(path)


def body(seed: int, joints: int, place=(0, 0, 4000)) -> np.ndarray:
    """Joints (joints, 3) in mm around a place."""
    return np.random.default_rng(seed).normal(0, 200, (joints, 3)) + np.asarray(place, np.float64)


def pixels(joints: np.ndarray) -> np.ndarray:
    return joints[:, :2] / joints[:, 2:] * FOCAL + CENTER


def image(root: Path, name: str, number: int, **more) -> dict:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8))
    return dict(id=number, file_name=name, width=WIDTH, height=HEIGHT, **more)


def human36m(root: Path, subjects=(9, 11), frames: int = 130) -> str:
    """Two cameras, one action, a frame in 64 with a picture."""
    turn = [[0., 0., 1.], [0., 1., 0.], [-1., 0., 0.]]
    cameras = {'1': dict(R=np.eye(3).tolist(), t=[0, 0, 4000.], f=FOCAL, c=CENTER),
               '2': dict(R=turn, t=[0, 0, 5000.], f=FOCAL, c=CENTER)}
    for subject in subjects:
        images, joints = [], {}
        for frame in range(frames):
            joints[str(frame)] = body(frame, 17, (0, 0, 0)).tolist()
            images += [dict(id=subject * 1000 + frame * 2 + k, file_name=f's{subject}/act_02_ca_{k + 1}_{frame}.png',
                            width=WIDTH, height=HEIGHT, subject=subject, action_idx=2 + frame % 2, subaction_idx=1,
                            cam_idx=k + 1, frame_idx=frame) for k in range(2)]
        for entry in images:
            if entry['frame_idx'] % 5 == 0:
                image(root / 'images', entry['file_name'], entry['id'])
        annotations = [dict(id=entry['id'], image_id=entry['id'], bbox=[50., 30., 60., 60.]) for entry in images]
        of_action = {str(2 + odd): {'1': {f: j for f, j in joints.items() if int(f) % 2 == odd}} for odd in range(2)}
        name = f'annotations/Human36M_subject{subject}_'
        save(root / f'{name}data.json', dict(images=images, annotations=annotations))
        save(root / f'{name}camera.json', cameras)
        save(root / f'{name}joint_3d.json', of_action)
    return str(root)


def muco(root: Path) -> dict:
    """One image: the nearest person, one close beside it, one apart."""
    people = [body(0, 21, (0, 0, 3000)), body(1, 21, (300, 0, 3300)), body(2, 21, (2500, 0, 6000))]
    for person, place in zip(people, ((0, 0, 3000), (300, 0, 3300), (2500, 0, 6000)), strict=True):
        person[14] = place
    images = [image(root, 'aug/1.png', 1, f=FOCAL, c=CENTER)]
    annotations = [dict(id=i, image_id=1, bbox=[40, 20, 50, 70], keypoints_cam=person.tolist(),
                        keypoints_img=pixels(person).tolist(), keypoints_vis=[1] * 21) for i, person in enumerate(people)]
    return dict(ann_file=save(root / 'MuCo-3DHP.json', dict(images=images, annotations=annotations)), image_root=str(root))


def mupots(root: Path) -> dict:
    """Two images; the second one's person is not valid."""
    images = [image(root, f'TS1/img_{i:06d}.png', i, intrinsic=[*FOCAL, *CENTER]) for i in range(2)]
    person = body(5, 17)
    annotations = [dict(id=i, image_id=i, is_valid=1 - i, bbox=[50, 30, 60, 60], keypoints_cam=person.tolist(),
                        keypoints_img=pixels(person).tolist()) for i in range(2)]
    return dict(ann_file=save(root / 'MuPoTS-3D.json', dict(images=images, annotations=annotations)), image_root=str(root))


def coco(root: Path, joints: int = 17) -> dict:
    """A person with all joints, one without a left hip, one without any, and a crowd; MPII with 16 joints."""
    images = [image(root, f'{i}.png', i) for i in range(2)]
    points = np.random.default_rng(1).uniform(30, 90, (joints, 2))
    full = np.concatenate([points, np.full((joints, 1), 2)], 1)
    part = full.copy()
    part[11, 2] = 0
    annotations = [dict(id=i, image_id=i % 2, bbox=[30, 30, 60, 60], iscrowd=int(i == 3), num_keypoints=count,
                        keypoints=(part if i == 1 else full).ravel().tolist())
                   for i, count in enumerate((joints, joints - 1, 0, joints))]
    return dict(ann_file=save(root / 'train.json', dict(images=images, annotations=annotations)), image_root=str(root))
