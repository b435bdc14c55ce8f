"""Our SMPL as mmhuman3d's estimators and datasets call a body model, so that the open body serves them too."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import rotvec_to_rotmat

from .registries import BODY_MODELS


@BODY_MODELS.register_module()
class SMPLBody(nn.Module):
    """:class:`cliff_ext.body_models.SMPL`, the open body that ships unless a file is given.

    Args:
        **options: As that class.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.smpl = SMPL(**options)

    def forward(self, betas: Tensor, body_pose: Tensor, global_orient: Tensor, transl: Tensor | None = None,
                pose2rot: bool = True, **_: Any) -> dict[str, Tensor]:
        """Poses N bodies; a ``gender`` that mmhuman3d hands over is the file's business.

        Args:
            betas: (N, 10).
            body_pose: (N, 23, 3, 3), or axis-angle of any shape with 69 numbers a body if ``pose2rot``.
            global_orient: (N, 1, 3, 3), or 3 numbers a body.
            transl: (N, 3) metres.
            pose2rot: Whether poses come as axis-angle.

        Returns:
            ``vertices`` (N, 6890, 3) and ``joints`` (N, 49, 3), mmhuman3d's ``smpl_49``.
        """
        count = len(betas)
        if pose2rot:
            body_pose, global_orient = (rotvec_to_rotmat(pose.reshape(count, -1, 3)) for pose in (body_pose, global_orient))
        posed = self.smpl(global_orient.reshape(count, 3, 3), body_pose.reshape(count, 23, 3, 3), betas, transl)
        return dict(vertices=posed.vertices, joints=posed.joints)
