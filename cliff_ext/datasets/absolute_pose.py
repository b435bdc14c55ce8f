"""People whose joints or roots are wanted in the camera, as a data set: one patch each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.dataset import Compose
from mmengine.logging import print_log
from torch.utils.data import Dataset

from cliff_ext.geometry import camera_to_pixels, estimate_focal_length, patch_bbox
from cliff_ext.registry import DATASETS, TRANSFORMS
from cliff_ext.structures import get_skeleton

from .people import People

ROOT = 'pelvis'


@DATASETS.register_module()
class AbsolutePoseDataset(Dataset):
    """The people of one layout.

    An item passes through ``pipeline`` as ``img_path``, ``image_id``, ``image_size`` (width, height), ``score``, ``action``,
    ``sequence``, ``skeleton``, ``bbox`` (4,) the patch in pixels of the full image, ``focal_length`` (2,),
    ``principal_point`` (2,), ``keypoints2d`` (K, 2), ``keypoints_visible`` (K,), ``keypoints3d`` (K, 3) and ``root3d`` (3,),
    metres in the camera, NaN where unknown, ``root2d`` (2,), ``root_visible``, ``root_depth`` (metres, or None) and
    ``has_depth``.

    A camera of unknown focal length is taken to have the image's diagonal (about 53 degrees across it), which is said once.
    People whose box has no area or lies outside their image are left out, which is said once too.

    Args:
        layout: Config of a reader, e.g. ``dict(type='MuCoLayout', …)``.
        pipeline: Transforms; the last packs ``inputs`` and ``data_samples``.
        skeleton: Joints of the items; None keeps the layout's. Give all data sets of a mixture the same.
        stand_ins: Joints of ``skeleton`` that the layout has under another name, ``{wanted: layout's}``.
        padding: Factor on the boxes' sizes.
        aspect_ratio: Width over height of the patches.

    Raises:
        ValueError: Nobody is left, or the skeletons share no joint.
    """

    def __init__(self, layout: dict, pipeline: Sequence[dict], skeleton: str | None = None,
                 stand_ins: Mapping[str, str] | None = None, padding: float = 1.25, aspect_ratio: float = 1.) -> None:
        self.padding, self.aspect_ratio = padding, aspect_ratio
        reader = DATASETS.build(layout)
        self.name = type(reader).__name__
        people: People = reader.load()
        self.people = self._placed(people if skeleton is None else people.to_skeleton(skeleton, stand_ins or {}))
        self.metainfo: dict[str, Any] = dict(reader.metainfo, skeleton=self.people.skeleton)
        self.root2d, self.root_visible = self._roots()
        self.pipeline = Compose([TRANSFORMS.build(transform) for transform in pipeline])

    def _placed(self, people: People) -> People:
        """The people with patches for boxes and a camera each."""
        if people.given_root is None:
            patches = [patch_bbox(box, tuple(size), self.padding, self.aspect_ratio)
                       for box, size in zip(people.bboxes, people.image_size, strict=True)]
            usable = np.array([patch is not None for patch in patches], bool)
        else:
            patches = list(people.bboxes)
            usable = np.isfinite(people.bboxes).all(1) & (people.bboxes[:, 2:] > people.bboxes[:, :2]).all(1)
        if not usable.any():
            raise ValueError(f'{self.name}: none of the {len(people)} people has a box with an area inside its image')
        if not usable.all():
            print_log(f'{self.name}: {(~usable).sum()} of {len(people)} people have a box without an area or outside their '
                      'image and are left out', 'current')
        people = people[usable]
        people.bboxes = np.stack([patch for patch, good in zip(patches, usable, strict=True) if good])
        unknown = ~np.isfinite(people.focal_length).all(1)
        if unknown.any():
            print_log(f'{self.name}: {unknown.sum()} of {len(people)} people are seen by a camera of unknown focal length, '
                      'which is taken to be the diagonal of the image', 'current')
            diagonal = estimate_focal_length(torch.from_numpy(people.image_size[unknown]).double())
            people.focal_length[unknown] = diagonal[:, None].numpy()
        return people

    def _roots(self) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (N, 2) of the roots and whether they are known (N,): projected, or the annotated pelvis."""
        people = self.people
        focal, center, root = (torch.from_numpy(value).double() for value in (
            people.focal_length, people.principal_point, people.root3d))
        pixels = camera_to_pixels(root[:, None], focal, center)[:, 0, :2].numpy()
        known = np.isfinite(pixels).all(1)
        names = get_skeleton(people.skeleton).joint_names
        if ROOT in names:
            pelvis = names.index(ROOT)
            pixels = np.where(known[:, None], pixels, people.keypoints2d[:, pelvis])
            known |= people.visible[:, pelvis] > 0
        return np.nan_to_num(pixels), known.astype(np.float64)

    def __len__(self) -> int:
        return len(self.people)

    def get_data_info(self, index: int) -> dict[str, Any]:
        """An item as the pipeline gets it."""
        people = self.people
        root = people.root3d[index] if people.given_root is None else people.given_root[index]
        return dict(
            img_path=people.img_path[index], image_id=int(people.image_id[index]), skeleton=people.skeleton,
            image_size=tuple(people.image_size[index].tolist()), score=float(people.score[index]),
            action=people.action[index] if people.action else None,
            sequence=people.sequence[index] if people.sequence else None, bbox=people.bboxes[index].copy(),
            focal_length=people.focal_length[index].copy(), principal_point=people.principal_point[index].copy(),
            keypoints2d=people.keypoints2d[index].copy(), keypoints_visible=people.visible[index].copy(),
            keypoints3d=people.keypoints3d[index].copy(), root3d=people.root3d[index].copy(),
            root2d=self.root2d[index].copy(), root_visible=float(self.root_visible[index]),
            root_depth=float(root[2]) if np.isfinite(root[2]) else None, has_depth=people.has_depth)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.pipeline(self.get_data_info(index))
