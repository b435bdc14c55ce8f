"""RootNet and PoseNet, one after the other, as one estimator: people's boxes in, joints in the full camera out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import torch
from mmengine.config import Config
from mmengine.model import BaseModel

from cliff_ext.geometry import occlusion_cue
from cliff_ext.models import PoseNet, RootNet
from cliff_ext.registry import TASK_UTILS
from cliff_ext.structures import AbsolutePoseSample

from .estimation import in_batches, load_network, to_numpy

REMEDY = ('Small networks are trained with projects/synthetic_humans/train_posenet.py. Official snapshots of 3DMPPE: '
          'convert them with tools/model_converters/convert_official.py and name the results with --cfg-options '
          'estimator.root.checkpoint=… estimator.pose.checkpoint=…')


@TASK_UTILS.register_module()
class RootPoseEstimator:
    """How far away each person is, by RootNet; where the joints are around that root, by PoseNet.

    Args:
        root: ``config`` (a file with ``model`` and ``test_pipeline``) and ``checkpoint`` of a RootNet.
        pose: The same of a PoseNet. Where both have the same ``test_pipeline``, a person is cut out once.
        device: As torch's.
        batch_size: People at a time.
        fuse: Fold batch norms for speed.
        order: Config of an :class:`OcclusionOrder`, which needs a RootNet with a mask head; None keeps RootNet's depths.

    Attributes:
        constants: The joints' convention.

    Raises:
        FileNotFoundError: A config or checkpoint is missing; the message says where to get it.
        CheckpointError: A checkpoint of another model.
        ValueError: A config of another kind of network, or ``order`` with a RootNet that has no mask head.
    """

    def __init__(self, root: Mapping[str, str], pose: Mapping[str, str], device: str = 'cpu', batch_size: int = 16,
                 fuse: bool = True, order: dict | None = None) -> None:
        self.root, root_pipeline = load_network(**root, device=device, remedy=REMEDY, fuse=fuse)
        self.pose, self.pipeline = load_network(**pose, device=device, remedy=REMEDY, fuse=fuse)
        _check(self.root, RootNet, root['config'], 'root')
        _check(self.pose, PoseNet, pose['config'], 'pose')
        if order is not None and self.root.mask_head is None:
            raise ValueError(f'estimator.order needs masks, and the RootNet of {root["config"]} has no mask_head; leave '
                             'order out, or take configs/rootnet/rootnet_res18-parts-masks_128x96_synthetic.py')
        self.order = None if order is None else TASK_UTILS.build(order)
        same = Config.fromfile(root['config']).test_pipeline == Config.fromfile(pose['config']).test_pipeline
        self.root_pipeline = None if same else root_pipeline
        self.batch_size = batch_size
        self.constants = dict(keypoints3d_skeleton=self.pose.skeleton.name)

    def crop(self, image: np.ndarray, bbox: np.ndarray, focal_length: float | None,
             image_id: int | None = None) -> dict[str, dict]:
        """One person's packed patches for both networks, which may be one and the same.

        People with the same ``image_id`` are people of one picture, who may hide each other.
        """
        box = dict(img=image, bbox=bbox, focal_length=focal_length)
        pose = self.pipeline(dict(box))
        root = pose if self.root_pipeline is None else self.root_pipeline(dict(box))
        root['data_samples'].set_metainfo(dict(image_id=image_id))
        return dict(pose=pose, root=root)

    @torch.no_grad()
    def __call__(self, crops: list[dict[str, dict]]) -> list[AbsolutePoseSample]:
        """PoseNet's predictions around RootNet's roots, for packed patches; those of a picture must come together."""
        roots = in_batches(self.root, [crop['root'] for crop in crops], self.batch_size)
        poses = [crop['pose'] for crop in crops]
        for pose, depth in zip(poses, self._depths(roots), strict=True):
            pose['data_samples'].set_metainfo(dict(root_depth=float(depth)))
        return in_batches(self.pose, poses, self.batch_size)

    def _depths(self, roots: list[AbsolutePoseSample]) -> np.ndarray:
        """Depths (N,) of the roots, in the order in which the people of each picture hide each other."""
        depths = np.array([to_numpy(root.pred_instances.root3d[0, 2]) for root in roots])
        if self.order is None:
            return depths
        pictures = defaultdict(list)
        for i, root in enumerate(roots):
            if root.image_id is not None and depths[i] > 0:
                pictures[root.image_id].append(i)
        for people in pictures.values():
            masks = torch.cat([roots[i].pred_instances.masks for i in people])
            bboxes = torch.from_numpy(np.array([roots[i].bbox for i in people], np.float32)).to(masks.device)
            depths[people] = self.order(depths[people], to_numpy(occlusion_cue(masks, bboxes)))
        return depths

    def row(self, sample: AbsolutePoseSample) -> dict[str, np.ndarray]:
        """Fields of a :class:`HumanTrack` that a prediction gives in its frame.

        Raises:
            ValueError: RootNet put the person behind the camera.
        """
        if sample.root_depth <= 0:
            raise ValueError(f'RootNet put the root {-sample.root_depth:.2f} m behind the camera')
        return dict(keypoints3d=to_numpy(sample.pred_instances.keypoints3d[0]),
                    focal_length=np.float32(sample.focal_length[0]))


def _check(model: BaseModel, wanted: type, config: str, name: str) -> None:
    if not isinstance(model, wanted):
        raise ValueError(f'estimator.{name}.config must be of a {wanted.__name__}, {config} has a {type(model).__name__}')
