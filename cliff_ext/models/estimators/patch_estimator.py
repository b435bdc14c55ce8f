"""What PoseNet and RootNet share: a backbone and a head over square patches, and the batch's cameras."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from cliff_ext.registry import MODELS
from cliff_ext.structures import AbsolutePoseSample


def collect_meta(data_samples: Sequence[AbsolutePoseSample], name: str, like: Tensor, remedy: str = '') -> Tensor:
    """A field of all samples' meta information, (N, …) float32 where ``like`` lies.

    Raises:
        ValueError: A sample has no such field.
    """
    missing = [i for i, sample in enumerate(data_samples) if sample.metainfo.get(name) is None]
    if missing:
        raise ValueError(f'data sample {missing[0]} has no {name} in its meta information' + (remedy and f': {remedy}'))
    return torch.as_tensor(np.array([sample.metainfo[name] for sample in data_samples]), dtype=torch.float32,
                           device=like.device)


def collect_truth(data_samples: Sequence[AbsolutePoseSample], name: str, like: Tensor) -> Tensor:
    """A field of all samples' ``gt_instances``, (N, …) where ``like`` lies.

    Raises:
        ValueError: A sample has no truth, or people of several joint sets are in one batch.
    """
    without = [i for i, sample in enumerate(data_samples) if 'gt_instances' not in sample or name not in sample.gt_instances]
    if without:
        raise ValueError(f'data sample {without[0]} has no {name} in its gt_instances; train on an AbsolutePoseDataset of '
                         'annotated people')
    values = [sample.gt_instances[name] for sample in data_samples]
    shapes = {tuple(value.shape) for value in values}
    if len(shapes) > 1:
        raise ValueError(f'{name} of one batch has the shapes {sorted(shapes)}: data sets of several joint sets are mixed; '
                         'give each the same skeleton')
    return torch.cat(values).to(like.device)


class PatchEstimator(BaseModel):
    """Backbone and head over patches; subclasses know what the head's output means.

    Args:
        backbone: Config; gives feature maps.
        head: Config.
        neck: Config of what stands between the two, if anything does.
        loss: Config of a :class:`~cliff_ext.models.losses.DepthAwareL1Loss`; None where nothing is trained.
        data_preprocessor: Config; patches come as BGR in [0, 255].
        init_cfg: As MMEngine's models.
    """

    def __init__(self, backbone: dict, head: dict, neck: dict | None = None, loss: dict | None = None,
                 data_preprocessor: dict | None = None, init_cfg: dict | None = None) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.backbone = MODELS.build(backbone)
        self.neck = nn.Identity() if neck is None else MODELS.build(neck)
        self.head = MODELS.build(head)
        self.loss_module = None if loss is None else MODELS.build(loss)

    def forward(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample] | None = None, mode: str = 'tensor') -> Any:
        """MMEngine's door.

        Args:
            inputs: (N, 3, h, w) normalised patches.
            data_samples: N samples; not needed for ``'tensor'``.
            mode: ``'tensor'`` returns the head's output, ``'predict'`` the samples with ``pred_instances``, ``'loss'``
                losses by name.

        Raises:
            ValueError: Another mode.
        """
        if mode == 'tensor':
            return self.see(inputs)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        raise ValueError(f"mode must be 'tensor', 'predict' or 'loss', got {mode!r}")

    def see(self, inputs: Tensor) -> Any:
        """Normalised patches (N, 3, h, w) to the head's output."""
        return self.head(self.neck(self.backbone(inputs)))

    @abstractmethod
    def predict(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> list[AbsolutePoseSample]:
        """Adds ``pred_instances`` (see :class:`AbsolutePoseSample`) to each sample."""

    @abstractmethod
    def loss(self, inputs: Tensor, data_samples: Sequence[AbsolutePoseSample]) -> dict[str, Tensor]:
        """Losses of a batch against its samples' ``gt_instances``."""

    def compare(self, pred: Tensor, target: Tensor, visible: Tensor, has_depth: Tensor) -> dict[str, Tensor]:
        """The loss of joints (N, K, 3), by name.

        Raises:
            ValueError: The config gives no loss, or the joint sets differ.
        """
        if self.loss_module is None:
            raise ValueError(f"this {type(self).__name__} was built without a loss; give loss=dict(type='DepthAwareL1Loss')")
        if pred.shape != target.shape:
            raise ValueError(f'the model gives {pred.shape[1]} joints, the data set {target.shape[1]}; give both the same '
                             'skeleton')
        return dict(loss_coords=self.loss_module(pred, target, visible, has_depth))
