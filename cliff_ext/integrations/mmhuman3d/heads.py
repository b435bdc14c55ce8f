"""CLIFF's heads and the necks before them, as mmhuman3d's estimators call them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from cliff_ext.models import heads
from cliff_ext.models.necks import GlobalPool, PartAttention

from .registries import HEADS, NECKS

NECKS.register_module(name='GlobalPool', module=GlobalPool)
NECKS.register_module(name='PartAttention', module=PartAttention)


class _TheirWords:
    """A head for ``CliffImageBodyModelEstimator``; the same options and parameter names as ours."""

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
        return dict(pred_pose=out.rotmats, pred_shape=out.betas, pred_cam=out.crop_cam)


@HEADS.register_module()
class CLIFFHead(_TheirWords, heads.CLIFFHead):
    """:class:`cliff_ext.models.CLIFFHead` in mmhuman3d's words."""


@HEADS.register_module()
class FeedbackHead(_TheirWords, heads.FeedbackHead):
    """:class:`cliff_ext.models.FeedbackHead` in mmhuman3d's words."""
