"""A person's crop that remembers where in the full image it was cut."""

from __future__ import annotations

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import PixelData

from cliff_ext.geometry import (
    bbox_to_center_scale,
    crop_image,
    crop_moved_image,
    crop_moved_labels,
    estimate_focal_length,
)
from cliff_ext.registry import TRANSFORMS
from cliff_ext.structures import HumanDataSample

META = ('bbox', 'center', 'scale', 'image_size', 'focal_length')
ORIGIN = ('sample_id', 'img_path', 'dataset', 'gender', 'sequence', 'action', 'frame_id')
"""Where a person of a data set comes from; packed where known."""


@TRANSFORMS.register_module()
class FullFrameCrop(BaseTransform):
    """Cuts a person out of the full image as CLIFF does.

    Required keys: ``img`` (H, W, 3), ``bbox`` (4,) xyxy pixels; optional ``focal_length`` in pixels, else the diagonal, and
    ``move`` (3, 3), where mirroring and turning moved the picture's pixels, and ``surface`` of :class:`LoadSurface`.
    Added keys: ``crop`` (h, w, 3) float32, ``center`` (2,), ``scale``, ``image_size`` (width, height), ``focal_length``.
    Modified keys: ``surface``, to half the crop's size.

    Args:
        output_size: Width and height of the crop.
        padding: How much wider than the box.

    Raises:
        ValueError: The box is not finite or has no area.
    """

    def __init__(self, output_size: tuple[int, int] = (192, 256), padding: float = 1.1) -> None:
        self.output_size = tuple(output_size)
        self.padding = padding

    def transform(self, results: dict) -> dict:
        bbox = np.asarray(results['bbox'], np.float64)
        if bbox.shape != (4, ) or not np.isfinite(bbox).all() or (bbox[2:] <= bbox[:2]).any():
            raise ValueError(f'bbox must be four finite numbers x1 < x2, y1 < y2 in pixels, got {bbox.tolist()}')
        height, width = results['img'].shape[:2]
        center, scale = bbox_to_center_scale(torch.from_numpy(bbox), self.output_size[0] / self.output_size[1],
                                             self.padding)
        results['center'], results['scale'] = center.numpy(), float(scale)
        results['image_size'] = (width, height)
        if results.get('focal_length') is None:
            results['focal_length'] = float(estimate_focal_length(torch.tensor([width, height], dtype=torch.float64)))
        place = results['center'], results['scale'], self.output_size
        if 'move' in results:
            results['crop'] = crop_moved_image(results['img'], results['move'], *place)
        else:
            results['crop'] = crop_image(results['img'], *place)
        if 'surface' in results:
            half = self.output_size[0] // 2, self.output_size[1] // 2
            results['surface'] = crop_moved_labels(results['surface'], 2, results.get('move', np.eye(3)), *place[:2], half)
        return results


@TRANSFORMS.register_module()
class PackHumanInputs(BaseTransform):
    """Packs a crop into ``inputs`` (3, h, w) float32, BGR in [0, 255], and a :class:`HumanDataSample` with its place.

    Required keys: those that :class:`FullFrameCrop` adds. Optional keys: ``human`` (a ``HumanTruth``, packed as
    ``gt_instances``), ``surface`` (packed as ``gt_surface``), and ``sample_id``, ``img_path``, ``dataset``, ``gender``,
    ``sequence``, ``action``, ``frame_id``.
    """

    def transform(self, results: dict) -> dict:
        sample = HumanDataSample(metainfo={key: results[key] for key in META} |
                                 {key: results[key] for key in ORIGIN if key in results})
        human = results.get('human')
        if human is not None:
            sample.gt_instances = human.to_instances()
            if human.eval_skeleton is not None:
                sample.set_metainfo(dict(eval_skeleton=human.eval_skeleton))
        if 'surface' in results:
            sample.gt_surface = PixelData(
                vertex=torch.from_numpy(results['surface'].astype(np.int16))[None],
                metainfo=dict(mirrored=bool(np.linalg.det(results.get('move', np.eye(3))) < 0)))
        inputs = torch.from_numpy(np.ascontiguousarray(results['crop'].transpose(2, 0, 1)))
        return dict(inputs=inputs, data_samples=sample)
