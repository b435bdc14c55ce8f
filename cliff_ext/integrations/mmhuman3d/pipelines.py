"""CLIFF's crop as a step of mmhuman3d's pipelines."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from cliff_ext.geometry import BOX_UNIT, bbox_info, bbox_to_center_scale, crop_image, estimate_focal_length

from .registries import PIPELINES


@PIPELINES.register_module()
class FullFrameCrop:
    """Cuts a person out as CLIFF does; stands in the place of ``GetBboxInfo`` and ``MeshAffine``, in tests only.

    Required keys: ``img`` (H, W, 3), ``bbox_xywh`` (x, y, width, height and perhaps more) pixels.
    Added keys: those that ``CliffImageBodyModelEstimator`` collects, ``center`` (2,), ``scale`` (2,) pixels, ``bbox_info``
    (3,), ``img_h``, ``img_w``, ``focal_length``; ``img`` becomes the crop.

    Args:
        output_size: Width and height of the crop.
        padding: How much wider than the box.
    """

    def __init__(self, output_size: tuple[int, int] = (192, 256), padding: float = 1.1) -> None:
        self.output_size, self.padding = tuple(output_size), padding

    def __call__(self, results: dict[str, Any]) -> dict[str, Any]:
        image = results['img']
        x, y, width, height = np.asarray(results['bbox_xywh'], np.float64)[:4]
        if not np.isfinite([x, y, width, height]).all() or min(width, height) <= 0:
            raise ValueError(f'bbox_xywh must be finite with a size above 0, got {[x, y, width, height]}')
        corners = torch.tensor([x, y, x + width, y + height], dtype=torch.float64)
        center, scale = bbox_to_center_scale(corners, self.output_size[0] / self.output_size[1], self.padding)
        size = torch.tensor(image.shape[1::-1], dtype=torch.float64)
        focal = estimate_focal_length(size)
        return {
            **results, 'img': crop_image(image, center.numpy(), float(scale), self.output_size),
            'center': center.numpy(), 'scale': np.full(2, float(scale) * BOX_UNIT), 'focal_length': float(focal),
            'bbox_info': bbox_info(center, scale, size, focal).numpy().astype(np.float32),
            'img_h': image.shape[0], 'img_w': image.shape[1],
        }
