"""Annotated people of a data set as columns: what the readers of absolute poses give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from cliff_ext.structures import get_skeleton


@dataclass
class People:
    """N people of one joint set. Lengths in metres, pixels of the full images.

    Attributes:
        skeleton: Name of the joints.
        img_path: N paths.
        image_id: (N,) int.
        image_size: (N, 2) width and height.
        bboxes: (N, 4) xyxy.
        keypoints2d: (N, K, 2).
        visible: (N, K), 0 or 1; not known is 0.
        keypoints3d: (N, K, 3) camera frame; NaN where unknown.
        root3d: (N, 3) camera frame; NaN where unknown.
        focal_length: (N, 2); NaN where unknown.
        principal_point: (N, 2).
        has_depth: Whether keypoints3d are known.
        score: (N,).
        given_root: (N, 3) roots that RootNet found, camera frame; None where the true ones are to be used. With them, the
            boxes are patches already.
        action: N names, or empty.
        sequence: N names, or empty.
    """

    skeleton: str
    img_path: list[str]
    image_id: np.ndarray
    image_size: np.ndarray
    bboxes: np.ndarray
    keypoints2d: np.ndarray
    visible: np.ndarray
    keypoints3d: np.ndarray
    root3d: np.ndarray
    focal_length: np.ndarray
    principal_point: np.ndarray
    has_depth: bool
    score: np.ndarray
    given_root: np.ndarray | None = None
    action: list[str] = field(default_factory=list)
    sequence: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.img_path)

    def __getitem__(self, rows: np.ndarray) -> People:
        """The people of an index array or mask."""
        rows = np.arange(len(self))[rows]
        changed: dict[str, Any] = {}
        for column in fields(self):
            value = getattr(self, column.name)
            if isinstance(value, np.ndarray):
                changed[column.name] = value[rows]
            elif isinstance(value, list):
                changed[column.name] = [value[row] for row in rows] if value else []
            else:
                changed[column.name] = value
        return People(**changed)

    def to_skeleton(self, skeleton: str, stand_ins: Mapping[str, str]) -> People:
        """The people with another set of joints; those that are missing are not visible.

        Args:
            skeleton: Name of the wanted joints.
            stand_ins: For joints of the wanted set by name, the joints here that are taken in their place.

        Raises:
            ValueError: No joint is in both sets, or a stand-in is in neither.
        """
        if skeleton == self.skeleton and not stand_ins:
            return self
        source, target = get_skeleton(self.skeleton), get_skeleton(skeleton)
        wanted = {target.index(ours): source.index(theirs) for ours, theirs in stand_ins.items()}
        pairs = [(i, wanted.get(i, source.joint_names.index(name) if name in source.joint_names else -1))
                 for i, name in enumerate(target.joint_names)]
        to, of = np.array([pair for pair in pairs if pair[1] >= 0], np.int64).reshape(-1, 2).T
        if not len(to):
            raise ValueError(f'no joint of {self.skeleton} is in {skeleton}')
        shape = (len(self), len(target))
        keypoints2d, visible, keypoints3d = np.zeros((*shape, 2)), np.zeros(shape), np.full((*shape, 3), np.nan)
        keypoints2d[:, to], visible[:, to] = self.keypoints2d[:, of], self.visible[:, of]
        keypoints3d[:, to] = self.keypoints3d[:, of]
        return replace(self, skeleton=skeleton, keypoints2d=keypoints2d, visible=visible, keypoints3d=keypoints3d)
