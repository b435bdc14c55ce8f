"""CLIFF as an MMEngine model: crops in, SMPL in the full camera out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.model import BaseModel
from mmengine.structures import InstanceData
from torch import Tensor, nn

from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, HumanDataSample

from ..heads import CLIFFHeadOutput
from ..necks import PartAttention, context_of


@MODELS.register_module()
class CLIFF(BaseModel):
    """CLIFF [Li et al., ECCV 2022]: carries location information in full frames into human pose and shape estimation.

    Args:
        backbone: Config; gives feature maps.
        neck: Config; pools them to one vector.
        head: Config of a :class:`CLIFFHead` or :class:`FeedbackHead`.
        loss: Config of a loss such as :class:`~cliff_ext.models.losses.HumanMeshLoss`; None where nothing is trained.
        auxiliary_losses: Configs of losses on what a :class:`PartAttention` neck sees, such as
            :class:`~cliff_ext.models.losses.PartLoss`; their layers are used in training only.
        early_weight: How much the losses of the head's earlier steps count, beside 1 of the last.
        detach_head: Let the head's loss train the head only, and ``auxiliary_losses`` what comes before it.
        bbox_info: Tell the head where the crop lies in the full frame. False gives the network of HMR, which the paper
            compares with.
        flip_test: Average the answers about the crop and about the mirrored crop, in use not in training; takes twice as
            long.
        data_preprocessor: Config; crops come as BGR in [0, 255].
        init_cfg: As MMEngine's models.

    Raises:
        ValueError: ``auxiliary_losses`` with another neck.
    """

    def __init__(self, backbone: dict, neck: dict, head: dict, loss: dict | None = None,
                 auxiliary_losses: Sequence[dict] = (), early_weight: float = 0., detach_head: bool = False,
                 bbox_info: bool = True, flip_test: bool = False, data_preprocessor: dict | None = None,
                 init_cfg: dict | None = None) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.backbone = MODELS.build(backbone)
        self.neck = MODELS.build(neck)
        self.head = MODELS.build(head)
        self.loss_module = None if loss is None else MODELS.build(loss)
        if auxiliary_losses and not isinstance(self.neck, PartAttention):
            raise ValueError('auxiliary_losses need a neck that sees parts, PartAttention; this one is '
                             f'{type(self.neck).__name__}')
        self.auxiliary_losses = nn.ModuleList(MODELS.build(loss) for loss in auxiliary_losses)
        self.early_weight = early_weight
        self.detach_head = detach_head
        self.bbox_info = bbox_info
        self.flip_test = flip_test

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Normalised crops (N, 3, h, w) to features (N, C)."""
        return self.neck(self.backbone(inputs))

    def forward(self, inputs: Tensor, data_samples: Sequence[HumanDataSample],
                mode: str = 'tensor') -> CLIFFHeadOutput | list[HumanDataSample] | dict[str, Tensor]:
        """MMEngine's door.

        Args:
            inputs: (N, 3, h, w) normalised crops.
            data_samples: N samples with the crop's place in the full image; with ``gt_instances`` for ``'loss'``.
            mode: ``'tensor'`` returns the head's output, ``'predict'`` the samples with ``pred_instances``, ``'loss'``
                losses by name.

        Raises:
            ValueError: Another mode.
        """
        if mode == 'tensor':
            return self.estimate(inputs, FullFrame.of(data_samples, inputs.device))
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        raise ValueError(f"mode must be 'tensor', 'predict' or 'loss', got {mode!r}")

    def estimate(self, inputs: Tensor, frame: FullFrame) -> CLIFFHeadOutput:
        """Normalised crops (N, 3, h, w) and their places to SMPL parameters."""
        out = self._look(inputs, frame)
        if not self.flip_test:
            return out
        return out.mean(self._look(inputs.flip(-1), frame.mirrored()).mirrored())

    def _look(self, inputs: Tensor, frame: FullFrame) -> CLIFFHeadOutput:
        return self.head(self.extract_feat(inputs), self._info(frame))

    def _info(self, frame: FullFrame) -> Tensor:
        return frame.bbox_info if self.bbox_info else torch.zeros_like(frame.bbox_info)

    def loss(self, inputs: Tensor, data_samples: Sequence[HumanDataSample]) -> dict[str, Tensor]:
        """Losses of a batch against its samples' ``gt_instances``.

        Raises:
            ValueError: The config gives no loss.
        """
        if self.loss_module is None:
            raise ValueError("this CLIFF was built without a loss; give loss=dict(type='HumanMeshLoss')")
        frame = FullFrame.of(data_samples, inputs.device)
        maps, auxiliary = self.backbone(inputs), {}
        if self.auxiliary_losses:
            parts = self.neck.look(maps)
            vector = self.neck.vector(parts, context_of(maps))
            feature = self.neck.told(vector, parts)
            for loss in self.auxiliary_losses:
                auxiliary |= loss(parts, vector, frame, data_samples)
        else:
            feature = self.neck(maps)
        *early, last = self.head.refine(feature.detach() if self.detach_head else feature, self._info(frame))
        losses = self.loss_module(last, frame, data_samples)
        for step in early if self.early_weight else ():
            for name, value in self.loss_module(step, frame, data_samples).items():
                losses[name] = losses[name] + self.early_weight * value
        return losses | auxiliary

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
