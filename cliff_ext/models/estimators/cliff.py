"""CLIFF as an MMEngine model: crops in, SMPL in the full camera out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.structures import InstanceData
from torch import Tensor

from cliff_ext.geometry import bbox_info, crop_cam_to_transl
from cliff_ext.registry import MODELS
from cliff_ext.structures import HumanDataSample

from ..heads import CLIFFHeadOutput


@dataclass
class FullFrame:
    """Where N crops lie in their full images, pixels: center (N, 2), scale (N,), image_size (N, 2), focal_length (N,)."""

    center: Tensor
    scale: Tensor
    image_size: Tensor
    focal_length: Tensor

    @classmethod
    def of(cls, data_samples: Sequence[HumanDataSample], device: torch.device) -> FullFrame:
        """Collects the meta information of data samples."""

        def collect(name: str) -> Tensor:
            missing = [i for i, sample in enumerate(data_samples) if name not in sample.metainfo]
            if missing:
                raise ValueError(f'data sample {missing[0]} has no {name} in its meta information: put FullFrameCrop and '
                                 'PackHumanInputs into the pipeline')
            return torch.as_tensor(np.array([sample.metainfo[name] for sample in data_samples]), dtype=torch.float32,
                                   device=device)

        return cls(collect('center').view(-1, 2), collect('scale'), collect('image_size').view(-1, 2),
                   collect('focal_length'))

    @property
    def bbox_info(self) -> Tensor:
        """CLIFF's box information (N, 3)."""
        return bbox_info(self.center, self.scale, self.image_size, self.focal_length)

    def transl(self, crop_cam: Tensor) -> Tensor:
        """Translation (N, 3) in the full camera of crop cameras (N, 3)."""
        return crop_cam_to_transl(crop_cam, self.center, self.scale, self.image_size, self.focal_length)


@MODELS.register_module()
class CLIFF(BaseModel):
    """CLIFF [Li et al., ECCV 2022]: carries location information in full frames into human pose and shape estimation.

    Args:
        backbone: Config; gives feature maps.
        neck: Config; pools them to one vector.
        head: Config of a :class:`CLIFFHead`.
        data_preprocessor: Config; crops come as BGR in [0, 255].
        init_cfg: As MMEngine's models.
    """

    def __init__(self, backbone: dict, neck: dict, head: dict, data_preprocessor: dict | None = None,
                 init_cfg: dict | None = None) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.backbone = MODELS.build(backbone)
        self.neck = MODELS.build(neck)
        self.head = MODELS.build(head)

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Normalised crops (N, 3, h, w) to features (N, C)."""
        return self.neck(self.backbone(inputs))

    def forward(self, inputs: Tensor, data_samples: Sequence[HumanDataSample],
                mode: str = 'tensor') -> CLIFFHeadOutput | list[HumanDataSample]:
        """MMEngine's door.

        Args:
            inputs: (N, 3, h, w) normalised crops.
            data_samples: N samples with the crop's place in the full image.
            mode: ``'tensor'`` returns the head's output, ``'predict'`` the samples with ``pred_instances``.

        Raises:
            ValueError: Another mode.
        """
        if mode == 'tensor':
            return self.estimate(inputs, FullFrame.of(data_samples, inputs.device))
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise ValueError(f"mode must be 'tensor' or 'predict', got {mode!r}")

    def estimate(self, inputs: Tensor, frame: FullFrame) -> CLIFFHeadOutput:
        """Normalised crops (N, 3, h, w) and their places to SMPL parameters."""
        return self.head(self.extract_feat(inputs), frame.bbox_info)

    def predict(self, inputs: Tensor, data_samples: Sequence[HumanDataSample]) -> list[HumanDataSample]:
        """Adds ``pred_instances`` (see :class:`HumanDataSample`) to each sample."""
        if not data_samples:
            return []
        frame = FullFrame.of(data_samples, inputs.device)
        out = self.estimate(inputs, frame)
        transl = frame.transl(out.crop_cam)
        for i, sample in enumerate(data_samples):
            row = slice(i, i + 1)
            sample.pred_instances = InstanceData(
                global_orient=out.global_orient[row], body_pose=out.body_pose[row], betas=out.betas[row],
                crop_cam=out.crop_cam[row], transl=transl[row], focal_length=frame.focal_length[row])
        return list(data_samples)
