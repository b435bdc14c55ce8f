"""RootNet as an MMEngine model: patches in, roots in the full camera out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.structures import InstanceData
from torch import Tensor

from cliff_ext.geometry import patch_to_camera, root_depth_factor
from cliff_ext.registry import MODELS
from cliff_ext.structures import AbsolutePoseSample

from ..heads import RootNetHeadOutput
from ..necks import PartAttention, context_of
from .patch_estimator import PatchEstimator, collect_meta, collect_truth

MM = 1e3
"""The loss speaks millimetres, as the official checkpoints were trained."""


@MODELS.register_module()
class RootNet(PatchEstimator):
    """RootNet of 3DMPPE [Moon et al., ICCV 2019]: where a person's root is in the camera, from the box's size and the image.

    Args:
        real_size: Side, in metres, of the square that people are taken to fill.
        flip_test: Average ``gamma`` and the masks of the patch and of the mirrored patch; the root's pixel is the patch's
            own.
        mask_head: Config of an :class:`AmodalMaskHead`, which needs a :class:`PartAttention` neck; predictions then hold
            ``masks``, by which :class:`~cliff_ext.apis.OcclusionOrder` tells who stands in front.
        **kwargs: See :class:`PatchEstimator`.

    Raises:
        ValueError: ``mask_head`` with another neck.
    """

    def __init__(self, backbone: dict, head: dict, real_size: float = 2., flip_test: bool = False,
                 mask_head: dict | None = None, **kwargs: dict | None) -> None:
        super().__init__(backbone, head, **kwargs)
        self.real_size = real_size
        self.flip_test = flip_test
        self.mask_head = None if mask_head is None else MODELS.build(mask_head)
        if mask_head is not None and not isinstance(self.neck, PartAttention):
            raise ValueError('mask_head needs a neck that sees parts, PartAttention; this one is '
                             f'{type(self.neck).__name__}')

    def see(self, inputs: Tensor) -> RootNetHeadOutput:
        if self.mask_head is None:
            return super().see(inputs)
        maps = self.backbone(inputs)
        parts = self.neck.look(maps)
        out = self.head(self.neck.told(self.neck.vector(parts, context_of(maps)), parts))
        out.masks = self.mask_head(parts)
        return out

    def look(self, inputs: Tensor) -> RootNetHeadOutput:
        """As :meth:`see`, averaged with the mirrored patch where ``flip_test`` asks for it."""
        out = self.see(inputs)
        if not self.flip_test:
            return out
        mirrored = self.see(inputs.flip(-1))
        out.gamma = (out.gamma + mirrored.gamma) / 2
        if out.masks is not None:
            out.masks = (out.masks + mirrored.masks.flip(-1)) / 2
        return out

    def depth(self, out: RootNetHeadOutput, data_samples: Sequence[AbsolutePoseSample]) -> Tensor:
        """Depth (N,) of the roots, metres."""
        bbox, focal_length = (collect_meta(data_samples, name, out.gamma) for name in ('bbox', 'focal_length'))
        return out.gamma * root_depth_factor(bbox, focal_length, self.real_size)

    def predict(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> list[AbsolutePoseSample]:
        if not data_samples:
            return []
        out = self.look(inputs)
        points = torch.cat([out.xy / out.heatmap_size, self.depth(out, data_samples)[:, None]], -1)[:, None]
        camera = (collect_meta(data_samples, name, inputs) for name in ('bbox', 'focal_length', 'principal_point'))
        pixels, roots = patch_to_camera(points, *camera)
        for i, sample in enumerate(data_samples):
            sample.pred_instances = InstanceData(root2d=pixels[i], root3d=roots[i], gamma=out.gamma[i:i + 1])
            if out.masks is not None:
                sample.pred_instances.masks = out.masks[i:i + 1].sigmoid()
        return list(data_samples)

    def loss(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> dict[str, Tensor]:
        """L1 of x and y in places of the heat map, of the depth in millimetres.

        Raises:
            ValueError: There is a mask head, which this does not train.
        """
        if self.mask_head is not None:
            raise ValueError("data sets hold no masks to train RootNet's mask_head with; leave it out "
                             '(model.mask_head=None), or train on rendered people: '
                             'projects/synthetic_humans/train_rootnet.py')
        out = self.see(inputs)
        pred = torch.cat([out.xy, MM * self.depth(out, data_samples)[:, None]], -1)
        target = collect_truth(data_samples, 'root_patch', inputs)
        target = torch.cat([target[:, :2] * out.heatmap_size, MM * target[:, 2:]], -1)
        return self.compare(pred[:, None], target[:, None], collect_truth(data_samples, 'root_visible', inputs)[:, None],
                            collect_truth(data_samples, 'has_depth', inputs))
