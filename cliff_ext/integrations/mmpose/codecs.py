"""mmpose's keypoints to the places of a 3D heat map, and back."""

from __future__ import annotations

import numpy as np
from mmpose.codecs.base import BaseKeypointCodec

from .registry import KEYPOINT_CODECS


@KEYPOINT_CODECS.register_module()
class SoftArgmax3DLabel(BaseKeypointCodec):
    """Coordinates as PoseNet's 3D heat maps are read: by their expected place [Sun et al., ECCV 2018].

    mmpose's own ``IntegralRegressionLabel`` is the same in 2D; its 3D codecs draw Gaussians, which a soft-argmax needs not.

    Convention:
        Keypoints are (1, K, 2) x, y in pixels of the crop, or (1, K, 3) with z in metres, 0 at the person's root, growing
        away from the camera (see :class:`~.transforms.LoadJointDepths`). Places run from 0 at the heat map's left, upper,
        near edge to its width, height and depth; the root lies in the middle of the depth.

    Args:
        input_size: Width and height of the crop.
        heatmap_size: Width, height and depth of the heat map.
        depth_range: Metres that the depth covers.

    Raises:
        ValueError: Sizes of another length.
    """

    label_mapping_table = dict(
        keypoint_labels='keypoint_labels', keypoint_weights='keypoint_weights', depth_weights='depth_weights')

    def __init__(self, input_size: tuple[int, int], heatmap_size: tuple[int, int, int], depth_range: float = 2.) -> None:
        super().__init__()
        if len(input_size) != 2 or len(heatmap_size) != 3:
            raise ValueError('SoftArgmax3DLabel takes input_size=(width, height) and heatmap_size=(width, height, depth), '
                             f'got {tuple(input_size)} and {tuple(heatmap_size)}')
        self.input_size = np.array(input_size, np.float32)
        self.heatmap_size = np.array(heatmap_size, np.float32)
        self.depth_range = depth_range

    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Targets of one person.

        Args:
            keypoints: (1, K, 2) or (1, K, 3).
            keypoints_visible: (1, K).

        Returns:
            ``keypoint_labels`` (1, K, 3) places; ``keypoint_weights`` (1, K), 0 where not seen or outside the heat map;
            ``depth_weights`` (1,), 0 where the depth is not known.
        """
        has_depth = keypoints.shape[-1] == 3
        if keypoints_visible is None:
            keypoints_visible = np.ones(keypoints.shape[:2], np.float32)
        depth = keypoints[..., 2:] if has_depth else np.zeros_like(keypoints[..., :1])
        fractions = np.concatenate([keypoints[..., :2] / self.input_size, depth / self.depth_range + 0.5], -1)
        inside = ((fractions >= 0) & (fractions < 1)).all(-1)
        return dict(
            keypoint_labels=(fractions * self.heatmap_size).astype(np.float32),
            keypoint_weights=(inside & (keypoints_visible > 0.5)).astype(np.float32),
            depth_weights=np.full(1, has_depth, np.float32))

    def decode(self, encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places (N, K, 3) to keypoints (N, K, 3), pixels of the crop and metres from the root, and scores (N, K), all 1."""
        fractions = encoded / self.heatmap_size
        depth = (fractions[..., 2:] - 0.5) * self.depth_range
        return (np.concatenate([fractions[..., :2] * self.input_size, depth], -1),
                np.ones(encoded.shape[:2], np.float32))
