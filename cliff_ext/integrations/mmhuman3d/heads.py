"""CLIFF's head and the necks before it, as mmhuman3d's estimators call them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cliff_ext.models.heads import CLIFFHead as Head
from cliff_ext.models.necks import GlobalPool, PartAttention

from .registries import HEADS, NECKS

NECKS.register_module(name='GlobalPool', module=GlobalPool)
NECKS.register_module(name='PartAttention', module=PartAttention)


@HEADS.register_module()
class CLIFFHead(Head):
    """:class:`cliff_ext.models.CLIFFHead` for ``CliffImageBodyModelEstimator``; the same options and parameter names."""

    def forward(self, x: Tensor | Sequence[Tensor], bbox_info: Tensor) -> dict[str, Tensor]:
        """Features to SMPL.

        Args:
            x: A neck's vector (N, C), or feature maps of which the last (N, C, h, w) is pooled.
            bbox_info: (N, 3), as mmhuman3d's ``GetBboxInfo`` or our ``FullFrameCrop`` gives it.

        Returns:
            ``pred_pose`` (N, 24, 3, 3), ``pred_shape`` (N, 10), ``pred_cam`` (N, 3).
        """
        feature = x if isinstance(x, Tensor) else x[-1]
        out = super().forward(feature.flatten(2).mean(-1) if feature.ndim == 4 else feature, bbox_info)
        pose = torch.cat([out.global_orient[:, None], out.body_pose], 1)
        return dict(pred_pose=pose, pred_shape=out.betas, pred_cam=out.crop_cam)
