"""People in images as a data set: pictures are read when they are asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose
from mmengine.logging import print_log
from torch.utils.data import Dataset

from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.io import HumanData, MediaError
from cliff_ext.io.human_data import COLUMNS, KEYPOINTS
from cliff_ext.registry import DATASETS, MODELS, TRANSFORMS
from cliff_ext.structures import HumanTruth

from .human_checks import bad_rows, describe_missing, describe_rows, missing_images
from .shared_arrays import SharedArrays
from .transforms import random_generator

ON_BAD = ('raise', 'skip')
RETRIES = 100
"""How many unreadable images in a row mean that something larger is wrong."""


@DATASETS.register_module()
class HumanMeshDataset(Dataset):
    """One person a sample, with all that is known of it.

    An item passes through ``pipeline`` with ``img_path``, ``bbox`` (4,) xyxy pixels, ``human`` (a ``HumanTruth``),
    ``sample_id``, ``person`` (the how-manieth of its image, from 0), ``dataset``, ``gender``, and where
    known ``image_size`` (width, height), ``focal_length``, ``sequence``, ``action``, ``frame_id``.

    Args:
        layout: Config of a reader, e.g. ``dict(type='HumanDataLayout', file='data/pw3d_train.npz')``.
        image_root: Folder that the annotations' image paths start from.
        pipeline: Transforms, of which the first reads the image and the last packs ``inputs`` and ``data_samples``.
        body_model: Config of the body model that the annotations' parameters are of, e.g. ``dict(type='SMPLBody')``. Tells
            where the pelvis of each body lies; needed where ``transl`` is known and the pipeline turns or mirrors.
        on_bad: ``raise`` stops at annotations that cannot be used and at images that are missing, unreadable or of another
            size than annotated; ``skip`` leaves them out and says which.
        test_mode: Every sample counts: an image that turns out to be unreadable is an error even under ``skip``, where
            training takes another person in its place.

    Attributes:
        metainfo: ``dataset``, ``skeleton`` and ``eval_skeleton``.
        missing_images: Paths of annotated images that are not there.
        left_out: (M,) rows of the annotations that are not used.

    Raises:
        FileNotFoundError: Images are missing under ``on_bad='raise'``; the message counts them and names the first.
        ValueError: Annotations that cannot be used under ``on_bad='raise'``, likewise; or nobody is left.
    """

    def __init__(self, layout: dict, image_root: str | Path, pipeline: Sequence[dict], body_model: dict | None = None,
                 on_bad: str = 'raise', test_mode: bool = False) -> None:
        if on_bad not in ON_BAD:
            raise ValueError(f'on_bad must be one of {ON_BAD}, got {on_bad!r}')
        people = DATASETS.build(layout).load()
        self.image_root = Path(image_root)
        self.on_bad = on_bad
        self.test_mode = test_mode
        self.pipeline = Compose([TRANSFORMS.build(transform) for transform in pipeline])
        self.metainfo = dict(dataset=people.dataset, skeleton='spin49', eval_skeleton=people.keypoints3d_eval_skeleton)
        self.missing_images: list[str] = []
        good = self._usable(people)
        self.left_out = np.flatnonzero(~good)
        columns = sample_columns(people[good], body_model)
        self._columns = SharedArrays(person=person_numbers(people.image_path)[good], **columns)
        self._reported: set[str] = set()

    def _usable(self, people: HumanData) -> np.ndarray:
        """(N,) bool, rows to use."""
        good = np.ones(len(people), bool)
        problems = bad_rows(people)
        if problems:
            good[np.concatenate(list(problems.values()))] = False
            self._complain(ValueError, f'{int((~good).sum())} of {len(good)} people cannot be used:\n'
                           f'{describe_rows(people, problems)}')
        annotated = np.unique(people.image_path[good])
        self.missing_images = missing_images(self.image_root, annotated)
        if self.missing_images:
            self._complain(FileNotFoundError, f'{len(self.missing_images)} of {len(annotated)} images are missing under '
                           f'{self.image_root}: {describe_missing(self.missing_images)}')
            good &= ~np.isin(people.image_path, self.missing_images)
        if not good.any():
            raise ValueError(f'{people.dataset}: none of {len(good)} people is left to use')
        return good

    def _complain(self, error: type[Exception], problem: str) -> None:
        message = f'{self.metainfo["dataset"]}: {problem}'
        if self.on_bad == 'raise':
            raise error(f'{message}\nRepair the annotations or image_root, or set on_bad=\'skip\' to go on without them')
        print_log(f'{message}\nThey are left out.', 'current', level=logging.WARNING)

    def __len__(self) -> int:
        return len(self._columns['person'])

    def get_data_info(self, index: int) -> dict[str, Any]:
        """What is known of one person, before the pipeline."""
        row = {name: self._columns[name][index] for name in self._columns}
        image_path = str(row['image_path'])
        info: dict[str, Any] = dict(
            img_path=str(self.image_root / image_path), sample_id=f'{image_path}#{row["person"]}', person=int(row['person']),
            dataset=self.metainfo['dataset'], bbox=row['bbox'].copy(), gender=str(row.get('gender', 'neutral')),
            human=human_truth(row, self.metainfo['eval_skeleton']))
        info |= {name: str(row[name]) for name in ('sequence', 'action') if name in row}
        if 'frame_id' in row:
            info['frame_id'] = int(row['frame_id'])
        if 'image_size' in row:
            info['image_size'] = tuple(row['image_size'].tolist())
        if np.isfinite(row.get('focal_length', np.nan)):
            info['focal_length'] = float(row['focal_length'])
        return info

    def __getitem__(self, index: int) -> dict[str, Any]:
        problem = None
        for _ in range(RETRIES):
            try:
                return self.pipeline(self.get_data_info(index))
            except MediaError as error:
                if self.on_bad == 'raise' or self.test_mode:
                    raise
                problem = str(error)
            if problem not in self._reported:
                self._reported.add(problem)
                print_log(f'{problem}; another person is taken instead', 'current', level=logging.WARNING)
            index = int(random_generator().integers(len(self)))
        raise MediaError(f'{RETRIES} images in a row cannot be used, the last: {problem}')


def person_numbers(image_path: np.ndarray) -> np.ndarray:
    """(N,) int64: the how-manieth person of its image each row is, from 0."""
    _, image = np.unique(image_path, return_inverse=True)
    order = np.argsort(image, kind='stable')
    first = np.searchsorted(image[order], image[order])
    numbers = np.empty(len(image), np.int64)
    numbers[order] = np.arange(len(image)) - first
    return numbers


def sample_columns(people: HumanData, body_model: dict | None) -> dict[str, np.ndarray]:
    """The columns that samples are made of; coordinates of unknown keypoints are zeros, and ``pelvis`` (N, 3) is added."""
    columns = {name: getattr(people, name) for name in COLUMNS if getattr(people, name) is not None}
    for name in KEYPOINTS:
        if name in columns:
            columns[name] = np.where(columns[name][..., -1:] > 0, columns[name], 0)
    if body_model is not None and people.has_transl.any():
        columns['pelvis'] = rest_pelvis(people, body_model)
    return columns


def rest_pelvis(people: HumanData, body_model: dict) -> np.ndarray:
    """(N, 3) metres, where each body's pelvis lies at rest, by the body model of its gender."""
    betas = torch.zeros(len(people), 10)
    if people.betas is not None:
        betas[people.has_betas] = torch.from_numpy(people.betas[people.has_betas])
    if people.gender is None:
        return MODELS.build(body_model).rest_pelvis(betas).numpy()
    pelvis = np.zeros((len(people), 3), np.float32)
    for gender in np.unique(people.gender).tolist():
        rows = people.gender == gender
        pelvis[rows] = MODELS.build({**body_model, 'gender': gender}).rest_pelvis(betas[rows]).numpy()
    return pelvis


def human_truth(row: dict[str, Any], eval_skeleton: str | None) -> HumanTruth:
    """One row of columns as what is known of the person; what is not known is zeros, rotations the identity."""
    rotations = np.tile(np.eye(3), (24, 1, 1))
    if row['has_smpl']:
        rotvec = np.concatenate([row['global_orient'][None], row['body_pose']]).astype(np.float64)
        rotations = rotvec_to_rotmat(torch.from_numpy(rotvec)).numpy()
    return HumanTruth(
        keypoints2d=row.get('keypoints2d', np.zeros((49, 3), np.float32)),
        keypoints3d=row.get('keypoints3d', np.zeros((49, 4), np.float32)),
        global_orient=rotations[0], body_pose=rotations[1:],
        betas=row['betas'] if row['has_betas'] else np.zeros(10), transl=row['transl'] if row['has_transl'] else np.zeros(3),
        has_smpl=bool(row['has_smpl']), has_betas=bool(row['has_betas']), has_transl=bool(row['has_transl']),
        pelvis=row.get('pelvis'), keypoints3d_eval=row.get('keypoints3d_eval'), eval_skeleton=eval_skeleton)
