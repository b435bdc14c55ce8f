"""Where a batch of crops lies in its full images, and the cameras that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from cliff_ext.geometry import BOX_UNIT, INFO_OFFSET, INFO_SIZE, INFO_SPREAD, bbox_info, crop_cam_to_transl, project_points

from .data_sample import HumanDataSample

NEAR = 0.1
"""Metres; joints nearer to the camera are projected as if they were here."""
SMALLEST = 0.1
"""Crop cameras with a smaller scale, or a negative one (a person behind the camera), are projected as if it were this."""
CROP_FOCAL = 5000 / 224
"""Focal length, in crop heights, of the camera that HMR and SPIN look at crops with."""


@dataclass
class FullFrame:
    """Where N crops lie in their full images, pixels: center (N, 2), scale (N,), image_size (N, 2), focal_length (N,)."""

    center: Tensor
    scale: Tensor
    image_size: Tensor
    focal_length: Tensor

    @classmethod
    def of(cls, data_samples: Sequence[HumanDataSample], device: torch.device) -> FullFrame:
        """Collects the meta information of data samples.

        Raises:
            ValueError: A sample lacks some of it.
        """

        def collect(name: str) -> Tensor:
            missing = [i for i, sample in enumerate(data_samples) if name not in sample.metainfo]
            if missing:
                raise ValueError(f'data sample {missing[0]} has no {name} in its meta information: put FullFrameCrop and '
                                 'PackHumanInputs into the pipeline')
            return torch.as_tensor(np.array([sample.metainfo[name] for sample in data_samples]), dtype=torch.float32,
                                   device=device)

        return cls(collect('center').view(-1, 2), collect('scale'), collect('image_size').view(-1, 2),
                   collect('focal_length'))

    @classmethod
    def of_bbox_info(cls, info: Tensor) -> FullFrame:
        """Crops whose :attr:`bbox_info` (N, 3) is ``info``, in images of focal length 1 measured from the optical axis."""
        ones = torch.ones_like(info[:, 0])
        return cls(info[:, :2] / INFO_OFFSET, (info[:, 2] * INFO_SPREAD + INFO_SIZE) / BOX_UNIT,
                   torch.zeros_like(info[:, :2]), ones)

    @property
    def box(self) -> Tensor:
        """Heights (N,) of the crops, pixels."""
        return self.scale * BOX_UNIT

    @property
    def bbox_info(self) -> Tensor:
        """CLIFF's box information (N, 3)."""
        return bbox_info(self.center, self.scale, self.image_size, self.focal_length)

    def mirrored(self) -> FullFrame:
        """Where the crops lie in the images mirrored left to right."""
        across = torch.stack([self.image_size[:, 0] - self.center[:, 0], self.center[:, 1]], 1)
        return replace(self, center=across)

    def transl(self, crop_cam: Tensor) -> Tensor:
        """Translation (N, 3) in the full camera of crop cameras (N, 3)."""
        return crop_cam_to_transl(crop_cam, self.center, self.scale, self.image_size, self.focal_length)

    def project(self, joints: Tensor, crop_cam: Tensor) -> Tensor:
        """Body joints (N, K, 3), metres, through the full frame's camera: (N, K, 2) pixels of the full image.

        The person stands where :meth:`transl` puts them; this is the projection of CLIFF's loss.
        """
        points = joints + self.transl(_in_front(crop_cam))[:, None]
        points = torch.cat([points[..., :2], points[..., 2:].clamp(min=NEAR)], -1)
        return project_points(points, self.focal_length, self.image_size / 2)

    def project_in_crop(self, joints: Tensor, crop_cam: Tensor) -> Tensor:
        """As :meth:`project`, but through a camera that looks straight at each crop from far away, as HMR and SPIN do.

        Still in pixels of the full image.
        """
        size, shift = _in_front(crop_cam)[:, None].split([1, 2], -1)
        depth = (joints[..., 2:] + 2 * CROP_FOCAL / size).clamp(min=NEAR)
        place = CROP_FOCAL * (joints[..., :2] + shift) / depth
        return self.center[:, None] + place * self.box[:, None, None]


def _in_front(crop_cam: Tensor) -> Tensor:
    return torch.cat([crop_cam[:, :1].clamp(min=SMALLEST), crop_cam[:, 1:]], 1)
