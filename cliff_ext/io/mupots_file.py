"""MuPoTS-3D's annotations, as the data set or as 3DMPPE publishes them, and the predictions that its Matlab driver reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import loadmat, savemat

from .atomic import atomic_path

JOINTS = 17


@dataclass
class MuPoTSImage:
    """The annotated people of one image, in the order of skeleton ``mpi3dhp17``.

    Attributes:
        name: ``TS1_img_000000``.
        sequence: ``TS1``.
        keypoints2d: (G, 17, 2) pixels.
        keypoints3d: (G, 17, 3) mm, camera frame.
        occluded: (G, 17) bool, or None where it is not known.
    """

    name: str
    sequence: str
    keypoints2d: np.ndarray
    keypoints3d: np.ndarray
    occluded: np.ndarray | None = None


def mupots_name(path: str | Path) -> str:
    """``TS1_img_000000`` of ``…/TS1/img_000000.jpg``."""
    path = Path(path)
    return f'{path.parent.name}_{path.stem}'


def load_mupots(path: str | Path) -> list[MuPoTSImage]:
    """Images with annotated people, by sequence and frame.

    Args:
        path: The data set's folder ``MultiPersonTestSet`` (``TS1/annot.mat``, ``TS1/occlusion.mat``, …), of whose
            ``univ_annot3`` the published figures are; or 3DMPPE's ``MuPoTS-3D.json``, without occlusions.

    Raises:
        FileNotFoundError: Neither is there.
        ValueError: The file is not of MuPoTS-3D.
    """
    path = Path(path)
    if path.is_dir():
        folders = sorted(path.glob('TS*'), key=lambda folder: int(re.sub(r'\D', '', folder.name) or 0))
        folders = [folder for folder in folders if (folder / 'annot.mat').is_file()]
        if not folders:
            raise FileNotFoundError(f'{path} has no TS1/annot.mat; give the folder MultiPersonTestSet of MuPoTS-3D')
        return [image for folder in folders for image in _of_mat(folder)]
    if not path.is_file():
        raise FileNotFoundError(f'annotations of MuPoTS-3D not found: {path}')
    return _of_json(path)


def _of_mat(folder: Path) -> list[MuPoTSImage]:
    cells = loadmat(folder / 'annot.mat').get('annotations')
    if cells is None:
        raise ValueError(f'{folder / "annot.mat"} has no annotations; it is not of MuPoTS-3D')
    hidden_file = folder / 'occlusion.mat'
    hidden = loadmat(hidden_file)['occlusion_labels'] if hidden_file.is_file() else None
    images = []
    for frame, row in enumerate(cells):
        people = [(k, cell[0, 0]) for k, cell in enumerate(row) if bool(np.any(cell[0, 0]['isValidFrame']))]
        if not people:
            continue
        joints2d, joints3d = (np.stack([np.asarray(person[key], np.float64).T[:JOINTS] for _, person in people])
                              for key in ('annot2', 'univ_annot3'))
        occluded = None if hidden is None else np.stack([hidden[frame, k].ravel()[:JOINTS] > 0 for k, _ in people])
        images.append(MuPoTSImage(f'{folder.name}_img_{frame:06d}', folder.name, joints2d, joints3d, occluded))
    return images


def _of_json(path: Path) -> list[MuPoTSImage]:
    content = json.loads(path.read_text())
    if not isinstance(content, dict) or not {'images', 'annotations'} <= content.keys():
        raise ValueError(f'{path} has no images and annotations; it is not MuPoTS-3D.json')
    people: dict[int, list[dict]] = {}
    for ann in content['annotations']:
        if 'is_valid' not in ann or 'keypoints_cam' not in ann:
            raise ValueError(f'{path}: annotation {ann.get("id")} has no is_valid or keypoints_cam; it is not '
                             'MuPoTS-3D.json')
        if ann['is_valid']:
            people.setdefault(ann['image_id'], []).append(ann)
    found = []
    for image in content['images']:
        here = people.get(image['id'])
        if here:
            name = mupots_name(image['file_name'])
            joints2d, joints3d = (np.array([ann[key] for ann in here], np.float64)
                                  for key in ('keypoints_img', 'keypoints_cam'))
            found.append(MuPoTSImage(name, name.split('_')[0], joints2d, joints3d))
    return found


def save_mupots(folder: str | Path, names: list[str], found: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Writes ``preds_2d_kpt_mupots.mat`` and ``preds_3d_kpt_mupots.mat`` for the Matlab driver.

    Args:
        folder: Where.
        names: All annotated images; the driver wants each, so one where nobody was found gets an empty array.
        found: (P, 17, 2) pixels and (P, 17, 3) mm for each image.
    """
    empty = np.zeros((0, JOINTS, 2)), np.zeros((0, JOINTS, 3))
    every = {name: found.get(name, empty) for name in dict.fromkeys([*names, *found])}
    for which, kind in enumerate(('2d', '3d')):
        with atomic_path(Path(folder) / f'preds_{kind}_kpt_mupots.mat') as temporary:
            savemat(temporary, {name: points[which] for name, points in every.items()}, appendmat=False)
