"""MMEngine's visualizer for people: the picture, the estimated mesh over it, and the true one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.visualization import Visualizer

from cliff_ext.body_models import SMPL
from cliff_ext.registry import MODELS, VISUALIZERS
from cliff_ext.structures import HumanDataSample

from .boxes import draw_boxes
from .overlay import MeshOverlay

PARAMS = ('global_orient', 'body_pose', 'betas', 'transl')


@VISUALIZERS.register_module()
class HumanMeshVisualizer(Visualizer):
    """Draws people of data samples.

    Args:
        body_model: Config of the neutral body.
        height: Pixels; higher pictures are made smaller.
        name: See MMEngine.
        vis_backends: See MMEngine, e.g. ``[dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')]``.
        save_dir: See MMEngine.
    """

    def __init__(self, body_model: dict | None = None, height: int = 480, name: str = 'visualizer',
                 vis_backends: Sequence[dict] | None = None, save_dir: str | None = None) -> None:
        super().__init__(name, vis_backends=vis_backends, save_dir=save_dir)
        self.body: SMPL = MODELS.build(body_model or dict(type='SMPLBody')).eval()
        self.overlay = MeshOverlay(self.body.faces)
        self.height = height

    def add_datasample(self, name: str, image: np.ndarray, data_sample: HumanDataSample, step: int = 0) -> None:
        """Draws a person and hands the picture to the backends.

        Args:
            name: Of the picture.
            image: (H, W, 3) uint8 BGR, the full image.
            data_sample: With ``pred_instances``; the true mesh is drawn where ``gt_instances`` know it.
            step: Of the training.
        """
        self.add_image(name, np.ascontiguousarray(self.draw(image, data_sample)[..., ::-1]), step)

    def draw(self, image: np.ndarray, data_sample: HumanDataSample) -> np.ndarray:
        """Side by side (h, w, 3) uint8 BGR: the picture with the person's box, the estimate, and the truth if known."""
        shrink = min(1., self.height / image.shape[0])
        small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else image
        focal = float(data_sample.focal_length) * shrink
        bodies = [data_sample.pred_instances]
        truth = data_sample.get('gt_instances')
        if truth is not None and float(truth.has_smpl * truth.has_transl):
            bodies.append(truth)
        panels = [draw_boxes(small, np.asarray(data_sample.bbox)[None] * shrink, [0])]
        panels += [self._mesh(small, body, focal, color) for color, body in enumerate(bodies)]
        return np.concatenate(panels, 1)

    @torch.no_grad()
    def _mesh(self, image: np.ndarray, params: Mapping[str, Any], focal: float, color: int) -> np.ndarray:
        vertices = self.body(*(params[name].float().cpu() for name in PARAMS)).vertices.numpy()
        if not np.isfinite(vertices).all():
            return image
        return self.overlay(image, vertices, focal, [color])
