"""What is known of one person in a full image, and how it moves when the image is mirrored or turned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
from mmengine.structures import InstanceData

from .skeletons import get_skeleton

MIRROR = np.diag([-1., 1., 1.])
"""Left to right: the camera's x axis, and SMPL's, to its opposite."""


@dataclass(frozen=True)
class HumanTruth:
    """The truth about one person, as far as it is known, in the camera of the full image.

    Convention: as :class:`cliff_ext.structures.HumanDataSample`; pixels are counted from the image's upper left corner, so
    the middle of an image of width W is W / 2 and mirroring it takes x to W − x.

    Attributes:
        keypoints2d: (49, 3) x, y in pixels and confidence.
        keypoints3d: (49, 4) x, y, z in metres and confidence.
        global_orient: (3, 3). body_pose: (23, 3, 3). betas: (10,). transl: (3,) metres.
        has_smpl, has_betas, has_transl: Whether they are known.
        pelvis: (3,) where the pelvis of a body with these betas lies at rest, metres. SMPL turns about it, so ``transl``
            cannot be turned or mirrored without it.
        keypoints3d_eval: (K, 4) joints of an evaluation protocol, in the skeleton ``eval_skeleton``.
    """

    keypoints2d: np.ndarray
    keypoints3d: np.ndarray
    global_orient: np.ndarray
    body_pose: np.ndarray
    betas: np.ndarray
    transl: np.ndarray
    has_smpl: bool
    has_betas: bool
    has_transl: bool
    pelvis: np.ndarray | None = None
    keypoints3d_eval: np.ndarray | None = None
    eval_skeleton: str | None = None

    def moved(self, matrix: np.ndarray, image_size: tuple[int, int]) -> HumanTruth:
        """The same person after the picture was mirrored or turned about its centre.

        Args:
            matrix: (3, 3) orthogonal map of the camera's space that keeps the z axis: a rotation about it, or one times
                :data:`MIRROR`. A mirrored person's left is its right: joints change places, and rotations with them.
            image_size: Width and height.

        Raises:
            ValueError: ``transl`` is known and ``pelvis`` is not.
        """
        if self.has_transl and self.pelvis is None:
            raise ValueError('a known transl can only be turned or mirrored with the rest pose\'s pelvis: give the data set '
                             'body_model=dict(type=\'SMPL\', …)')
        mirrored = np.linalg.det(matrix) < 0
        centre = np.asarray(image_size) / 2
        points2d, points3d = self.keypoints2d.copy(), self.keypoints3d.copy()
        points2d[:, :2] = (points2d[:, :2] - centre) @ matrix[:2, :2].T + centre
        points3d[:, :3] = points3d[:, :3] @ matrix.T
        orient, pose, evaluated = matrix @ self.global_orient, self.body_pose, self.keypoints3d_eval
        if evaluated is not None:
            evaluated = np.concatenate([evaluated[:, :3] @ matrix.T, evaluated[:, 3:]], 1)
        if mirrored:
            order = mirrored_order('spin49')
            points2d, points3d = points2d[order], points3d[order]
            orient, pose = orient @ MIRROR, MIRROR @ pose[mirrored_order('smpl24')[1:] - 1] @ MIRROR
            evaluated = evaluated if evaluated is None else evaluated[mirrored_order(self.eval_skeleton)]
        transl = self.transl
        if self.has_transl:
            transl = matrix @ (transl + self.pelvis) - self.pelvis
        return replace(self, keypoints2d=points2d, keypoints3d=points3d, global_orient=orient, body_pose=pose, transl=transl,
                       keypoints3d_eval=evaluated)

    def to_instances(self) -> InstanceData:
        """``gt_instances`` of :class:`cliff_ext.structures.HumanDataSample`."""
        names = ('keypoints2d', 'keypoints3d', 'global_orient', 'body_pose', 'betas', 'transl')
        fields = {name: torch.from_numpy(np.array(getattr(self, name), np.float32))[None] for name in names}
        fields |= {name: torch.tensor([float(getattr(self, name))]) for name in ('has_smpl', 'has_betas', 'has_transl')}
        fields['has_keypoints3d'] = torch.tensor([float((self.keypoints3d[:, 3] > 0).any())])
        if self.keypoints3d_eval is not None:
            fields['keypoints3d_eval'] = torch.from_numpy(np.array(self.keypoints3d_eval, np.float32))[None]
        return InstanceData(**fields)


@cache
def mirrored_order(skeleton: str) -> np.ndarray:
    """(K,) which joint of a person each joint of the mirrored person was."""
    joints = get_skeleton(skeleton)
    order = np.arange(len(joints))
    for left, right in joints.flip_pairs:
        order[[left, right]] = right, left
    return order
