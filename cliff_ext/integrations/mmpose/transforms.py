"""Depths of joints for mmpose's pipelines, whose COCO-style data sets read x and y only."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform

from cliff_ext.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadJointDepths(BaseTransform):
    """Makes keypoints three-dimensional; stands before anything that flips them.

    Required keys: ``keypoints`` (1, K, 2), ``raw_ann_info`` with ``joint_depths``, K metres from the root, growing away from
    the camera. People without ``joint_depths`` keep their two dimensions and train x and y only.
    Modified keys: ``keypoints`` (1, K, 3).

    Raises:
        ValueError: Another number of depths than keypoints, or one that is not finite.
    """

    def transform(self, results: dict) -> dict:
        raw = results['raw_ann_info'].get('joint_depths')
        if raw is None:
            return results
        keypoints = results['keypoints']
        depths = np.asarray(raw, np.float32)
        if depths.shape != keypoints.shape[1:2] or not np.isfinite(depths).all():
            raise ValueError(f'annotation {results.get("id")}: joint_depths must be {keypoints.shape[1]} finite numbers, '
                             f'got {depths.tolist()}')
        results['keypoints'] = np.concatenate([keypoints[..., :2], depths[None, :, None]], -1)
        return results
