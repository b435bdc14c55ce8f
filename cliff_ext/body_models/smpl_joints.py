"""Chosen joints of SMPL without its surface: what a fit to keypoints needs, at a fraction of the work.

A joint of ``spin49`` is a kinematic joint, a vertex, or a weighted sum of a few vertices. Only those vertices are posed; the
result is the same as :class:`SMPL`'s, up to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .smpl import PARENTS, SMPL

NUM_JOINTS = 24
NUM_SMPL45 = 45


class SMPLJoints(nn.Module):
    """Poses some of the 49 joints (skeleton ``spin49``) of a body.

    Args:
        body: The whole body; shares no memory with this one.
        joints: Indices into ``spin49``, in the order wanted; all 49 if None.

    Attributes:
        joints: The K indices.

    Raises:
        ValueError: An index that ``spin49`` does not have.
    """

    def __init__(self, body: SMPL, joints: Sequence[int] | None = None) -> None:
        super().__init__()
        wanted = list(range(len(body.spin49))) if joints is None else list(joints)
        if not all(0 <= j < len(body.spin49) for j in wanted):
            raise ValueError(f'joints must be indices into spin49, 0 to {len(body.spin49) - 1}, got {wanted}')
        self.joints = tuple(wanted)
        smpl = body.body
        from_bones, from_surface = self._sources(body, wanted)
        used = from_surface.abs().sum(0).nonzero()[:, 0]
        posedirs = smpl.posedirs.reshape(-1, smpl.v_template.shape[0], 3)[:, used]
        for name, value in dict(
                from_bones=from_bones,  # (K, 24)
                from_surface=from_surface[:, used],  # (K, S)
                rest_joints=smpl.J_regressor @ smpl.v_template,  # (24, 3)
                rest_joints_shape=torch.einsum('jv,vcb->jcb', smpl.J_regressor, smpl.shapedirs),  # (24, 3, 10)
                rest_points=smpl.v_template[used],  # (S, 3)
                rest_points_shape=smpl.shapedirs[used],  # (S, 3, 10)
                rest_points_pose=posedirs,  # (207, S, 3)
                skinning=smpl.lbs_weights[used],  # (S, 24)
        ).items():
            self.register_buffer(name, value.detach().clone(), persistent=False)
        levels = _levels()
        self.levels = [(level, [levels[i - 1].index(PARENTS[j]) for j in level]) for i, level in enumerate(levels) if i]
        order = [joint for level in levels for joint in level]
        self.register_buffer('by_joint', torch.tensor([order.index(j) for j in range(NUM_JOINTS)]), persistent=False)

    @staticmethod
    def _sources(body: SMPL, wanted: list[int]) -> tuple[Tensor, Tensor]:
        """Weights of each wanted joint on the kinematic joints (K, 24) and on the vertices (K, V)."""
        smpl = body.body
        count = smpl.v_template.shape[0]
        picked = smpl.vertex_joint_selector.extra_joints_idxs
        bones = smpl.v_template.new_zeros(len(wanted), NUM_JOINTS)
        surface = smpl.v_template.new_zeros(len(wanted), count)
        for row, joint in enumerate(body.spin49[wanted].tolist()):
            if joint < NUM_JOINTS:
                bones[row, joint] = 1
            elif joint < NUM_SMPL45:
                surface[row, picked[joint - NUM_JOINTS]] = 1
            elif body.extra_regressor is None:
                raise ValueError('this SMPL file holds no joint regressor for these joints: give extra_regressor=FILE.npy '
                                 '(J_regressor_extra.npy comes with SPIN)')
            else:
                surface[row] = body.extra_regressor[joint - NUM_SMPL45]
        return bones, surface

    def forward(self, rotmats: Tensor, betas: Tensor, transl: Tensor) -> Tensor:
        """Poses N bodies.

        Args:
            rotmats: (N, 24, 3, 3), the pelvis in the camera frame, the others relative to their parent.
            betas: (N, 10).
            transl: (N, 3) metres.

        Returns:
            (N, K, 3) metres, camera frame.
        """
        rest = self._rest(betas)
        turns, places = self._chain(rotmats, rest)
        joints = self.from_bones @ places
        if len(self.rest_points):
            features = (rotmats[:, 1:] - torch.eye(3, dtype=rotmats.dtype, device=rotmats.device)).flatten(1)
            points = self.rest_points + torch.einsum('scb,nb->nsc', self.rest_points_shape, betas)
            points = points + (features @ self.rest_points_pose.flatten(1)).unflatten(1, points.shape[1:])
            shifts = places - (turns @ rest[..., None])[..., 0]
            skin = (self.skinning @ torch.cat([turns.flatten(2), shifts], 2))  # (N, S, 12)
            points = (skin[..., :9].unflatten(-1, (3, 3)) @ points[..., None])[..., 0] + skin[..., 9:]
            joints = joints + self.from_surface @ points
        return joints + transl[:, None]

    def bones(self, rotmats: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
        """The 24 kinematic joints of N bodies, which no surface is needed for.

        Args:
            rotmats: (N, 24, 3, 3) as :meth:`forward` takes them.
            betas: (N, 10).

        Returns:
            Rotations from the rest pose (N, 24, 3, 3), camera frame, and places (N, 24, 3), metres, before any ``transl``.
        """
        return self._chain(rotmats, self._rest(betas))

    def _rest(self, betas: Tensor) -> Tensor:
        """Kinematic joints (N, 24, 3) of the rest pose."""
        return self.rest_joints + torch.einsum('jcb,nb->njc', self.rest_joints_shape, betas)

    def _chain(self, rotmats: Tensor, rest: Tensor) -> tuple[Tensor, Tensor]:
        """Rotations (N, 24, 3, 3) and places (N, 24, 3) of the joints in the frame of the root, by depth in the tree."""
        turns, places = [rotmats[:, :1]], [rest[:, :1]]
        for joints, parents in self.levels:
            above = turns[-1][:, parents]
            bones = rest[:, joints] - rest[:, [PARENTS[j] for j in joints]]
            places.append(places[-1][:, parents] + (above @ bones[..., None])[..., 0])
            turns.append(above @ rotmats[:, joints])
        return torch.cat(turns, 1)[:, self.by_joint], torch.cat(places, 1)[:, self.by_joint]


def _levels() -> list[list[int]]:
    """SMPL's joints by their depth in the tree."""
    depth = [0] * NUM_JOINTS
    for joint, parent in enumerate(PARENTS[1:], 1):
        depth[joint] = depth[parent] + 1
    return [[j for j in range(NUM_JOINTS) if depth[j] == level] for level in range(max(depth) + 1)]
