"""CLIFF as one of mmpose's pose estimators: mmpose's crops in, keypoints and SMPL out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.registry import DefaultScope
from mmengine.structures import BaseDataElement, InstanceData
from torch import Tensor

from cliff_ext.geometry import BOX_UNIT, estimate_focal_length, project_points
from cliff_ext.models import CLIFF
from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, HumanDataSample, map_joints

from .people import SMPL

BODY = dict(type='SMPLBody')
NEAREST = 0.1
"""Metres; joints nearer to the camera are projected as if they were here."""


@MODELS.register_module()
class CLIFFPoseEstimator(CLIFF):
    """:class:`~cliff_ext.models.CLIFF` for mmpose's data, inferencers and ``tools/test.py``, with the same checkpoints.

    mmpose's crops say where they lie in the full image, which is what CLIFF needs. ``GetBBoxCenterScale`` wants
    ``padding=1.1`` and ``TopdownAffine`` the ``input_size`` that CLIFF was trained with. The focal length is the meta
    information's ``focal_length`` (add it to ``meta_keys`` of ``PackPoseInputs``), else the image's diagonal.

    Predictions are, besides CLIFF's SMPL parameters (see :class:`~cliff_ext.structures.HumanDataSample`), the body's joints
    in the image: ``keypoints`` (1, K, 2) pixels of the full image and ``keypoint_scores`` (1, K), 0 where the body has no
    such joint; all numpy.

    Args:
        skeleton: Name of the keypoints that are wanted.
        body_model: Config of the body whose joints they are; the open body by default.
        train_cfg: Must be empty; mmpose's tools set it.
        test_cfg: As mmpose's; ``flip_test`` is not supported.
        **kwargs: See :class:`~cliff_ext.models.CLIFF`. Types without a scope are looked up in ours.

    Raises:
        ValueError: An option that does not work here.
    """

    def __init__(self, skeleton: str = 'coco17', body_model: dict[str, Any] = BODY, train_cfg: dict[str, Any] | None = None,
                 test_cfg: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if train_cfg or (test_cfg or {}).get('flip_test'):
            raise ValueError('CLIFFPoseEstimator takes neither train_cfg nor flip_test: train CLIFF with configs/cliff')
        with DefaultScope.overwrite_default_scope('cliff_ext'):
            super().__init__(**kwargs)
            self.body = MODELS.build(body_model)
        self.skeleton = skeleton
        self.test_cfg = dict(test_cfg or {})  # mmpose's inferencers write to it

    def loss(self, inputs: Tensor, data_samples: Sequence[BaseDataElement]) -> dict[str, Tensor]:
        """Not here."""
        raise ValueError("mmpose's data samples hold no SMPL parameters to train CLIFF with: train it with configs/cliff "
                         'and tools/train.py; this estimator takes its checkpoints')

    def predict(self, inputs: Tensor, data_samples: Sequence[BaseDataElement]) -> list[BaseDataElement]:
        """Adds ``pred_instances`` to each of mmpose's data samples."""
        crops = super().predict(inputs, [human_sample(sample) for sample in data_samples])
        if not crops:
            return []
        smpl = {name: torch.cat([crop.pred_instances[name] for crop in crops]).detach() for name in SMPL}
        points, known = self._keypoints(smpl, FullFrame.of(crops, inputs.device))
        arrays = {name: value.float().cpu().numpy() for name, value in smpl.items()}
        for i, sample in enumerate(data_samples):
            sample.pred_instances = InstanceData(
                keypoints=points[i:i + 1], keypoint_scores=known[None], keypoints_visible=known[None],
                bboxes=sample.gt_instances.bboxes, bbox_scores=sample.gt_instances.bbox_scores,
                **{name: array[i:i + 1] for name, array in arrays.items()})
        return list(data_samples)

    def _keypoints(self, smpl: dict[str, Tensor], frame: FullFrame) -> tuple[np.ndarray, np.ndarray]:
        """Joints in the image (N, K, 2), and which of them the body has (K,), float32."""
        joints = self.body(*(smpl[name] for name in ('global_orient', 'body_pose', 'betas', 'transl'))).joints
        joints = torch.cat([joints[..., :2], joints[..., 2:].clamp(min=NEAREST)], -1)
        pixels = project_points(joints, smpl['focal_length'], frame.image_size / 2)
        points, known = map_joints(pixels.float().cpu().numpy(), 'spin49', self.skeleton)
        return points, known.astype(np.float32)


def human_sample(sample: BaseDataElement) -> HumanDataSample:
    """Where a crop of mmpose's lies in its full image, as CLIFF reads it.

    Raises:
        ValueError: The sample lacks some of it.
    """
    meta = sample.metainfo
    missing = [name for name in ('input_center', 'input_scale', 'ori_shape') if name not in meta]
    if missing:
        raise ValueError(f"mmpose's data sample has no {', '.join(missing)} in its meta information: put LoadImage, "
                         'GetBBoxCenterScale, TopdownAffine and PackPoseInputs into the pipeline')
    height, width = meta['ori_shape'][:2]
    focal = meta.get('focal_length')
    if focal is None:
        focal = float(estimate_focal_length(torch.tensor([width, height], dtype=torch.float64)))
    center, size = (np.asarray(meta[name], np.float64).reshape(2) for name in ('input_center', 'input_scale'))
    return HumanDataSample(metainfo=dict(
        center=center, scale=float(size[1]) / BOX_UNIT, image_size=(width, height), focal_length=focal,
        bbox=np.concatenate([center - size / 2, center + size / 2])))
