"""Readers of Human3.6M, MuCo-3DHP, MuPoTS-3D, MPII and COCO as 3DMPPE publishes them: in COCO's format, lengths in mm."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cliff_ext.geometry import camera_to_pixels, world_to_camera
from cliff_ext.registry import DATASETS

from .people import People

MM = 1e-3
H36M_ACTIONS = ('Directions', 'Discussion', 'Eating', 'Greeting', 'Phoning', 'Posing', 'Purchases', 'Sitting',
                'SittingDown', 'Smoking', 'Photo', 'Waiting', 'Walking', 'WalkDog', 'WalkTogether')
"""By their number in file names, from 2 on."""
H36M_SUBJECTS = {(1, 'train'): (1, 5, 6, 7, 8, 9), (1, 'test'): (11, ), (2, 'train'): (1, 5, 6, 7, 8), (2, 'test'): (9, 11)}
H36M_STEP = dict(train=5, test=64)
MIN_GAP = 0.5
"""Metres between the roots of MuCo's people who are both taken."""


def read_json(path: Path, keys: Sequence[str] = ()) -> Any:
    """A json file's content.

    Raises:
        FileNotFoundError: No such file.
        ValueError: Not json, or a key is missing at its top.
    """
    if not path.is_file():
        raise FileNotFoundError(f'annotations not found: {path}; they are published with 3DMPPE (links in its readme)')
    try:
        content = json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is not json: {error}') from error
    missing = [key for key in keys if key not in content]
    if missing:
        raise ValueError(f'{path} has no {missing[0]!r} at its top; it is not an annotation file in the format of 3DMPPE')
    return content


def read_coco(path: Path) -> tuple[dict[int, dict], list[dict]]:
    """Images by id and annotations of a file in COCO's format; every annotation's image is there."""
    content = read_json(path, ('images', 'annotations'))
    images = {image['id']: image for image in content['images']}
    strangers = [ann['image_id'] for ann in content['annotations'] if ann['image_id'] not in images]
    if strangers:
        raise ValueError(f'{path}: annotation of image {strangers[0]}, which is not among the images')
    return images, content['annotations']


def read_boxes(path: str | Path) -> tuple[list[dict], bool]:
    """Boxes of a detector, or boxes and roots of RootNet.

    Args:
        path: Json list of ``image_id``, ``bbox`` (x, y, width, height), optional ``score``; RootNet's also have ``root_cam``
            (x, y, z in mm), and their boxes are patches already.

    Returns:
        The entries, and whether they have roots.

    Raises:
        ValueError: Not such a list.
    """
    entries = read_json(Path(path))
    if not isinstance(entries, list) or not entries or any('image_id' not in e or 'bbox' not in e for e in entries):
        raise ValueError(f'{path} must be a list of boxes with image_id and bbox, as a detector or RootNet writes them')
    with_root = sum('root_cam' in entry for entry in entries)
    if with_root not in (0, len(entries)):
        raise ValueError(f'{path}: {with_root} of {len(entries)} boxes have root_cam; all or none must have it')
    return entries, bool(with_root)


def to_xyxy(boxes: Iterable[Sequence[float]]) -> np.ndarray:
    """Boxes x, y, width, height to (N, 4) xyxy."""
    xywh = np.array(list(boxes), np.float64).reshape(-1, 4)
    return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], 1)


def rows(annotations: Sequence[Mapping], key: str, shape: tuple[int, ...], where: object) -> np.ndarray:
    """A field of all annotations, (N, *shape) float64.

    Raises:
        ValueError: An annotation lacks it or has another shape.
    """
    for ann in annotations:
        if key not in ann:
            raise ValueError(f'{where}: annotation {ann.get("id")} has no {key}; is it the annotation of another data set?')
        if np.size(ann[key]) != np.prod(shape):
            raise ValueError(f'{where}: {key} of annotation {ann.get("id")} has {np.size(ann[key])} numbers, expected '
                             f'{shape}; is it the annotation of another data set?')
    return np.array([ann[key] for ann in annotations], np.float64).reshape(-1, *shape)


@DATASETS.register_module()
class Human36MLayout:
    """Human3.6M: ``annotations/Human36M_subjectN_{data,camera,joint_3d}.json``, images in ``images``.

    The 18th joint is the middle of the shoulders.

    Args:
        data_root: Folder of both.
        split: ``'train'`` or ``'test'``.
        protocol: 1 (trains on S1, 5 to 9, tests on S11) or 2 (trains on S1, 5 to 8, tests on S9 and 11).
        boxes: Json of a detector or of RootNet, one person an image; None takes the true boxes and roots.
        step: Every how many-th frame; None takes the 5th to train on and the 64th to test on.

    Raises:
        ValueError: Another split or protocol; files that do not hold the protocol's subjects.
    """

    def __init__(self, data_root: str, split: str, protocol: int, boxes: str | None = None, step: int | None = None) -> None:
        if (protocol, split) not in H36M_SUBJECTS:
            raise ValueError(f"Human3.6M has protocols 1 and 2 and the splits 'train' and 'test', got {protocol}, {split!r}")
        self.root = Path(data_root)
        self.subjects = H36M_SUBJECTS[protocol, split]
        self.boxes = boxes
        self.step = H36M_STEP[split] if step is None else step
        self.metainfo = dict(dataset='human36m', protocol=protocol, skeleton='h36m18')

    def load(self) -> People:
        """All people."""
        parts = [self._subject(subject) for subject in self.subjects]
        images, annotations, joints, cameras = (sum((part[i] for part in parts), []) for i in range(4))
        if not images:
            raise ValueError(f'{self.root}: no frame of the subjects {self.subjects} at every {self.step}th frame')
        world = np.array(joints, np.float64)
        shoulders = world[:, [11, 14]].mean(1, keepdims=True)
        rotation, shift, focal, center = (torch.tensor(np.array([camera[key] for camera in cameras], np.float64))
                                          for key in ('R', 't', 'f', 'c'))
        joints3d = world_to_camera(torch.from_numpy(np.concatenate([world, shoulders], 1)), rotation, shift.view(-1, 3))
        keypoints2d = camera_to_pixels(joints3d, focal, center)[..., :2].numpy()
        people = People(
            'h36m18', [str(self.root / 'images' / image['file_name']) for image in images],
            np.array([image['id'] for image in images]), sizes(images), to_xyxy(ann['bbox'] for ann in annotations),
            keypoints2d, np.ones(keypoints2d.shape[:2]), joints3d.numpy() * MM, joints3d[:, 0].numpy() * MM, focal.numpy(),
            center.numpy(), True, np.ones(len(images)),
            action=[H36M_ACTIONS[image['action_idx'] - 2] for image in images])
        return people if self.boxes is None else self._with_boxes(people)

    def _subject(self, subject: int) -> tuple[list, list, list, list]:
        """Images, annotations, joints (17, 3) in the world and cameras of a subject's frames."""
        name = str(self.root / 'annotations' / f'Human36M_subject{subject}_')
        images, annotations = read_coco(Path(f'{name}data.json'))
        strangers = {image['subject'] for image in images.values()} - {subject}
        if strangers:
            raise ValueError(f'{name}data.json holds frames of subject {strangers.pop()}')
        cameras, joints = (read_json(Path(f'{name}{part}.json')) for part in ('camera', 'joint_3d'))
        found: tuple[list, list, list, list] = ([], [], [], [])
        for ann in annotations:
            image = images[ann['image_id']]
            if image['frame_idx'] % self.step:
                continue
            camera = cameras.get(str(image['cam_idx']))
            if camera is None:
                raise ValueError(f'{name}camera.json has no camera {image["cam_idx"]}, which took {image["file_name"]}; it '
                                 f'has {", ".join(cameras)}')
            place = [str(image[key]) for key in ('action_idx', 'subaction_idx', 'frame_idx')]
            frame: Any = joints
            for key in place:
                frame = frame.get(key, {})
            if np.shape(frame) != (17, 3):
                raise ValueError(f'{name}joint_3d.json has no 17 joints for action, subaction, frame {", ".join(place)}')
            for column, value in zip(found, (image, ann, frame, camera), strict=True):
                column.append(value)
        return found

    def _with_boxes(self, people: People) -> People:
        entries, with_root = read_boxes(self.boxes)
        by_image = {entry['image_id']: entry for entry in entries}
        missing = [image for image in people.image_id.tolist() if image not in by_image]
        if missing:
            raise ValueError(f'{self.boxes} has no box for {len(missing)} of {len(people)} images, as {missing[0]}; is it '
                             'of another protocol?')
        chosen = [by_image[image] for image in people.image_id.tolist()]
        return with_boxes(people, chosen, with_root)


def sizes(images: Sequence[Mapping]) -> np.ndarray:
    """Width and height (N, 2) of images."""
    return np.array([[image['width'], image['height']] for image in images], np.int64).reshape(-1, 2)


def with_boxes(people: People, entries: Sequence[Mapping], with_root: bool) -> People:
    """The people with the boxes, scores and roots of as many entries of :func:`read_boxes`."""
    root = np.array([entry['root_cam'] for entry in entries], np.float64).reshape(-1, 3) * MM if with_root else None
    return replace(people, bboxes=to_xyxy(entry['bbox'] for entry in entries), given_root=root,
                   score=np.array([entry.get('score', 1.) for entry in entries], np.float64))


def of_coco(skeleton: str, root: Path, images: Sequence[Mapping], annotations: Sequence[Mapping], keypoints2d: np.ndarray,
            visible: np.ndarray, **more: Any) -> People:
    """People of annotations and the image of each; without more, their depth and camera are unknown."""
    count = len(images)
    size = sizes(images)
    columns = dict(
        keypoints3d=np.full((*visible.shape, 3), np.nan), root3d=np.full((count, 3), np.nan), principal_point=size / 2,
        focal_length=np.full((count, 2), np.nan), has_depth=False, score=np.ones(count))
    return People(skeleton, [str(root / image['file_name']) for image in images],
                  np.array([image['id'] for image in images]), size, to_xyxy(ann['bbox'] for ann in annotations),
                  keypoints2d, visible, **{**columns, **more})


@DATASETS.register_module()
class MPIILayout:
    """MPII in COCO's format, 16 joints, no depth.

    Args:
        ann_file: ``annotations/train.json``.
        image_root: Folder that ``file_name`` starts from.
    """

    def __init__(self, ann_file: str, image_root: str) -> None:
        self.file, self.image_root = Path(ann_file), Path(image_root)
        self.metainfo = dict(dataset='mpii', skeleton='mpii16')

    def load(self) -> People:
        """All people with a joint."""
        images, annotations = read_coco(self.file)
        annotations = [ann for ann in annotations if ann.get('num_keypoints')]
        joints = rows(annotations, 'keypoints', (16, 3), self.file)
        return of_coco('mpii16', self.image_root, [images[ann['image_id']] for ann in annotations], annotations,
                       joints[..., :2], (joints[..., 2] > 0).astype(np.float64))


@DATASETS.register_module()
class COCOLayout:
    """COCO's keypoints, no depth; the middles of the shoulders and hips are added where both sides are annotated.

    Args:
        ann_file: ``annotations/person_keypoints_train2017.json``.
        image_root: Folder that ``file_name`` starts from.
        focal_length: Of all images, pixels, which nobody knows; 3DMPPE's published roots take 1500. None leaves it unknown.
    """

    def __init__(self, ann_file: str, image_root: str, focal_length: float | None = None) -> None:
        self.file, self.image_root = Path(ann_file), Path(image_root)
        self.focal_length = np.nan if focal_length is None else focal_length
        self.metainfo = dict(dataset='coco', skeleton='coco19')

    def load(self) -> People:
        """All people with a joint, crowds apart."""
        images, annotations = read_coco(self.file)
        annotations = [ann for ann in annotations if not ann.get('iscrowd') and ann.get('num_keypoints')]
        joints = rows(annotations, 'keypoints', (17, 3), self.file)
        middles = [np.concatenate([joints[:, pair, :2].mean(1), joints[:, pair, 2:].prod(1)], 1)[:, None]
                   for pair in ([5, 6], [11, 12])]
        joints = np.concatenate([joints, *middles], 1)
        return of_coco('coco19', self.image_root, [images[ann['image_id']] for ann in annotations], annotations,
                       joints[..., :2], (joints[..., 2] > 0).astype(np.float64),
                       focal_length=np.full((len(annotations), 2), self.focal_length))


@DATASETS.register_module()
class MuCoLayout:
    """MuCo-3DHP, 21 joints. Of each image the nearest person, and all whose root is half a metre or more from all others'.

    Args:
        ann_file: ``MuCo-3DHP.json``.
        image_root: Folder that ``file_name`` starts from.
    """

    def __init__(self, ann_file: str, image_root: str) -> None:
        self.file, self.image_root = Path(ann_file), Path(image_root)
        self.metainfo = dict(dataset='muco', skeleton='muco21')

    def load(self) -> People:
        """The chosen people."""
        images, annotations = read_coco(self.file)
        joints3d = rows(annotations, 'keypoints_cam', (21, 3), self.file) * MM
        of_image: dict[int, list[int]] = {}
        for row, ann in enumerate(annotations):
            of_image.setdefault(ann['image_id'], []).append(row)
        chosen = np.array(sorted(row for people in of_image.values() for row in self._choose(people, joints3d[people, 14])),
                          np.int64)
        annotations = [annotations[row] for row in chosen]
        of = [images[ann['image_id']] for ann in annotations]
        keypoints2d = rows(annotations, 'keypoints_img', (21, 2), self.file)
        return of_coco('muco21', self.image_root, of, annotations, keypoints2d, np.ones(keypoints2d.shape[:2]),
                       keypoints3d=joints3d[chosen], root3d=joints3d[chosen, 14], has_depth=True,
                       focal_length=rows(of, 'f', (2, ), self.file), principal_point=rows(of, 'c', (2, ), self.file))

    @staticmethod
    def _choose(people: list[int], roots: np.ndarray) -> list[int]:
        gaps = np.linalg.norm(roots[:, None, :2] - roots[None, :, :2], axis=-1)  # not larger than the gap in 3D
        np.fill_diagonal(gaps, np.inf)
        alone = (gaps >= MIN_GAP).all(1)
        alone[roots[:, 2].argmin()] = True
        return [row for row, taken in zip(people, alone, strict=True) if taken]


@DATASETS.register_module()
class MuPoTSLayout:
    """MuPoTS-3D to test on: its annotated people of valid frames, or what a detector or RootNet found in its images.

    Args:
        ann_file: ``MuPoTS-3D.json``.
        image_root: ``MultiPersonTestSet``.
        boxes: Json of a detector or of RootNet; None takes the true boxes and roots.
    """

    def __init__(self, ann_file: str, image_root: str, boxes: str | None = None) -> None:
        self.file, self.image_root, self.boxes = Path(ann_file), Path(image_root), boxes
        self.metainfo = dict(dataset='mupots', skeleton='mpi3dhp17')

    def load(self) -> People:
        """All people."""
        images, annotations = read_coco(self.file)
        if self.boxes is None:
            annotations = [ann for ann in annotations if ann.get('is_valid')]
            return self._people([images[ann['image_id']] for ann in annotations], annotations)
        entries, with_root = read_boxes(self.boxes)
        strangers = [entry['image_id'] for entry in entries if entry['image_id'] not in images]
        if strangers:
            raise ValueError(f'{self.boxes}: image {strangers[0]} is not in {self.file}; is it of another data set?')
        return with_boxes(self._people([images[entry['image_id']] for entry in entries], None), entries, with_root)

    def _people(self, images: list[dict], annotations: list[dict] | None) -> People:
        camera = rows(images, 'intrinsic', (4, ), self.file)
        known = annotations is not None
        shape = (len(images), 17)
        joints3d = rows(annotations, 'keypoints_cam', (17, 3), self.file) * MM if known else np.full((*shape, 3), np.nan)
        keypoints2d = rows(annotations, 'keypoints_img', (17, 2), self.file) if known else np.zeros((*shape, 2))
        return of_coco('mpi3dhp17', self.image_root, images, annotations or [dict(bbox=(0, 0, 0, 0))] * len(images),
                       keypoints2d, np.full(shape, float(known)), keypoints3d=joints3d, root3d=joints3d[:, 14],
                       focal_length=camera[:, :2], principal_point=camera[:, 2:], has_depth=known,
                       sequence=[Path(image['file_name']).parent.name for image in images])
