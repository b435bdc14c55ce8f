"""PoseNet's head as mmpose's ``TopdownPoseEstimator`` wants it: with losses, predictions and a codec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.structures import InstanceData
from torch import Tensor

from cliff_ext.integrations.packages import require
from cliff_ext.models.heads import PoseNetHead, PoseNetHeadOutput
from cliff_ext.registry import MODELS

LOSS = dict(type='cliff_ext.DepthAwareL1Loss')


@MODELS.register_module()
class TopdownPoseNetHead(PoseNetHead):
    """:class:`~cliff_ext.models.heads.PoseNetHead` for ``mmpose.TopdownPoseEstimator``; its weights fit both ways.

    Args:
        num_joints: K.
        decoder: Config of a codec as :class:`~.codecs.SoftArgmax3DLabel`, the same as the pipeline's ``GenerateTarget`` has.
        loss: Config of a :class:`~cliff_ext.models.losses.DepthAwareL1Loss`.
        **kwargs: See :class:`~cliff_ext.models.heads.PoseNetHead`.

    Raises:
        PackageError: No mmpose, or another version.
        KeyError: An unknown codec.
    """

    def __init__(self, num_joints: int, decoder: dict[str, Any], loss: dict[str, Any] = LOSS, **kwargs: Any) -> None:
        require('mmpose')
        from mmpose.registry import KEYPOINT_CODECS
        super().__init__(num_joints, **kwargs)
        try:
            self.decoder = KEYPOINT_CODECS.build(decoder)
        except KeyError as error:
            raise KeyError(f"TopdownPoseNetHead: no codec {decoder.get('type')!r}; ours is 'cliff_ext.SoftArgmax3DLabel', "
                           "and the config needs custom_imports=dict(imports=['cliff_ext'])") from error
        self.loss_module = MODELS.build(loss)

    def forward(self, feats: Sequence[Tensor]) -> PoseNetHeadOutput:
        """Feature maps, of which the last (N, C, h, w) is used, to joints.

        Raises:
            ValueError: The heat maps have another size than the codec says.
        """
        out = super().forward(feats)
        made, wanted = out.heatmap_size.tolist(), self.decoder.heatmap_size.tolist()
        if made != wanted:
            raise ValueError(f'the head makes heat maps of {made} (width, height, depth), the codec was told {wanted}: give '
                             'SoftArgmax3DLabel this heatmap_size, in the head and in GenerateTarget')
        return out

    def loss(self, feats: Sequence[Tensor], batch_data_samples: Sequence[Any],
             train_cfg: dict[str, Any] | None = None) -> dict[str, Tensor]:
        """L1 in places of the heat map, against the labels that the codec made."""
        out = self(feats)
        labels, weights, has_depth = (
            torch.cat([sample.gt_instance_labels[name] for sample in batch_data_samples]).to(out.coords)
            for name in ('keypoint_labels', 'keypoint_weights', 'depth_weights'))
        return dict(loss_kpt=self.loss_module(out.coords, labels, weights, has_depth))

    def predict(self, feats: Any, batch_data_samples: Sequence[Any],
                test_cfg: dict[str, Any] | None = None) -> list[InstanceData]:
        """Joints of N people.

        Args:
            feats: Feature maps; with ``flip_test`` those of the crops and those of the mirrored crops.
            batch_data_samples: N samples of mmpose.
            test_cfg: May hold ``flip_test``.

        Returns:
            One instance each, numpy: ``keypoints`` (1, K, 2) pixels of the crop, ``keypoint_depths`` (1, K) metres from the
            root, ``keypoint_scores`` (1, K), all 1.
        """
        if (test_cfg or {}).get('flip_test', False):
            feats, mirrored = feats
            order = batch_data_samples[0].metainfo['flip_indices']
            pairs = [(left, right) for left, right in enumerate(order) if left < right]
            coords = (self(feats).coords + self(mirrored).mirrored(pairs)) / 2
        else:
            coords = self(feats).coords
        points, scores = self.decoder.decode(coords.cpu().numpy())
        return [InstanceData(keypoints=points[i:i + 1, :, :2], keypoint_depths=points[i:i + 1, :, 2],
                             keypoint_scores=scores[i:i + 1]) for i in range(len(points))]
