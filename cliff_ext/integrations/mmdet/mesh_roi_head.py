"""A two-stage detector of mmdet that gives each person a body."""

from __future__ import annotations

from typing import Any

import torch
from mmdet.models.roi_heads import StandardRoIHead
from mmdet.models.task_modules.samplers import SamplingResult
from mmdet.models.utils import unpack_gt_instances
from mmdet.registry import MODELS as MMDET_MODELS
from mmdet.structures import DetDataSample
from mmdet.structures.bbox import bbox2roi, get_box_tensor
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData
from torch import Tensor

from cliff_ext.geometry import BOX_UNIT, bbox_to_center_scale, estimate_focal_length
from cliff_ext.models import CLIFFHeadOutput
from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, HumanDataSample

from .human_truth import TRUTH
from .people import SMPL_SHAPES


@MODELS.register_module()
class MeshRoIHead(StandardRoIHead):
    """mmdet's RoI head with CLIFF's beside the box head.

    A person's features are read from the detector's maps in a region around the box; CLIFF's head gets with them where that
    region lies in the original image. ``pred_instances`` gets ``global_orient`` (N, 3, 3), ``body_pose`` (N, 23, 3, 3),
    ``betas`` (N, 10), ``transl`` (N, 3) metres and ``focal_length`` (N,) pixels in the camera of the original image; rows of
    other classes than people are NaN. Training needs the fields of :class:`AddHumanTruth` in ``gt_instances``.

    Args:
        mesh_roi_extractor: Config, as ``mask_roi_extractor``.
        mesh_head: Config of a :class:`cliff_ext.models.CLIFFHead`.
        mesh_neck: Config; pools the regions' features to vectors. By default their mean.
        mesh_loss: Config of a loss such as ``dict(type='HumanMeshLoss')``; None where nothing is trained.
        aspect_ratio: Width over height of the regions.
        padding: How much larger than the box a region is.
        focal_length: Of the original images, pixels, where a sample's meta information has none; None takes the diagonal.
        person_label: Which class is a person.
        **standard: As :class:`mmdet.models.roi_heads.StandardRoIHead`.
    """

    def __init__(self, mesh_roi_extractor: dict, mesh_head: dict, mesh_neck: dict | None = None,
                 mesh_loss: dict | None = None, aspect_ratio: float = 0.75, padding: float = 1.1,
                 focal_length: float | None = None, person_label: int = 0, **standard: Any) -> None:
        super().__init__(**standard)
        self.mesh_roi_extractor = MMDET_MODELS.build(mesh_roi_extractor)
        with DefaultScope.overwrite_default_scope('cliff_ext'):
            self.mesh_neck = MODELS.build(mesh_neck or dict(type='GlobalPool'))
            self.mesh_head = MODELS.build(mesh_head)
            self.mesh_loss_module = None if mesh_loss is None else MODELS.build(mesh_loss)
        self.aspect_ratio = aspect_ratio
        self.padding = padding
        self.focal_length = focal_length
        self.person_label = person_label

    def loss(self, x: tuple[Tensor, ...], rpn_results_list: list[InstanceData],
             batch_data_samples: list[DetDataSample]) -> dict[str, Tensor]:
        """Losses of boxes, and ``loss_mesh_…`` of bodies, on the same sampled proposals."""
        samples = self.sample(x, rpn_results_list, batch_data_samples)
        losses = self.bbox_loss(x, samples)['loss_bbox']
        return {**losses, **self.mesh_loss(x, samples, batch_data_samples)}

    def sample(self, x: tuple[Tensor, ...], rpn_results_list: list[InstanceData],
               batch_data_samples: list[DetDataSample]) -> list[SamplingResult]:
        """Proposals to learn from, by the assigner and sampler of ``train_cfg``."""
        truths, ignored, _ = unpack_gt_instances(batch_data_samples)
        results = []
        for i, (proposals, truth, passed) in enumerate(zip(rpn_results_list, truths, ignored, strict=True)):
            proposals.priors = proposals.pop('bboxes')
            assigned = self.bbox_assigner.assign(proposals, truth, passed)
            results.append(self.bbox_sampler.sample(assigned, proposals, truth, feats=[level[i][None] for level in x]))
        return results

    def mesh_loss(self, x: tuple[Tensor, ...], sampling_results: list[SamplingResult],
                  batch_data_samples: list[DetDataSample]) -> dict[str, Tensor]:
        """Losses of the bodies of proposals that cover a person.

        Raises:
            ValueError: There is no loss, or no truth.
        """
        if self.mesh_loss_module is None:
            raise ValueError("this MeshRoIHead was built without a loss; give mesh_loss=dict(type='HumanMeshLoss')")
        boxes, people = [], []
        for result, sample in zip(sampling_results, batch_data_samples, strict=True):
            truth = sample.gt_instances
            missing = [name for name in TRUTH if name not in truth]
            if missing:
                raise ValueError(f"gt_instances has no {', '.join(missing)}: put dict(type='cliff_ext.AddHumanTruth', ...) "
                                 'behind PackDetInputs')
            is_person = result.pos_gt_labels == self.person_label
            boxes.append(get_box_tensor(result.pos_priors)[is_person] / _resizing(sample, x[0].device))
            people += [HumanDataSample(gt_instances=InstanceData(**{name: truth[name][i:i + 1] for name in TRUTH}))
                       for i in result.pos_assigned_gt_inds[is_person].tolist()]
        if not people:
            return dict(loss_mesh=sum(value.sum() for value in self.mesh_head.parameters()) * 0)
        output, frame = self.estimate(x, boxes, batch_data_samples)
        losses = self.mesh_loss_module(output, frame, people)
        return {name.replace('loss_', 'loss_mesh_', 1): value for name, value in losses.items()}

    def predict(self, x: tuple[Tensor, ...], rpn_results_list: list[InstanceData], batch_data_samples: list[DetDataSample],
                rescale: bool = False) -> list[InstanceData]:
        """Boxes as mmdet's, with bodies."""
        results = super().predict(x, rpn_results_list, batch_data_samples, rescale=rescale)
        boxes, rows = [], []
        for instances, sample in zip(results, batch_data_samples, strict=True):
            box = get_box_tensor(instances.bboxes)
            box = box if rescale else box / _resizing(sample, box.device)
            rows.append((instances.labels == self.person_label) & (box[:, 2:] > box[:, :2]).all(1))
            boxes.append(box[rows[-1]])
        output, frame = self.estimate(x, boxes, batch_data_samples)
        found = dict(global_orient=output.global_orient, body_pose=output.body_pose, betas=output.betas,
                     transl=frame.transl(output.crop_cam), focal_length=frame.focal_length)
        for name, values in found.items():
            for instances, here, value in zip(results, rows, values.split([len(box) for box in boxes]), strict=True):
                field = value.new_full((len(here), *SMPL_SHAPES[name]), torch.nan)
                field[here] = value
                instances.set_field(field, name)
        return results

    def estimate(self, x: tuple[Tensor, ...], boxes: list[Tensor],
                 batch_data_samples: list[DetDataSample]) -> tuple[CLIFFHeadOutput, FullFrame]:
        """Bodies of boxes of each image, (N_i, 4) xyxy pixels of the original image, and their places."""
        frames = [self.place(box, sample) for box, sample in zip(boxes, batch_data_samples, strict=True)]
        regions = [_corners(frame, self.aspect_ratio) * _resizing(sample, frame.center.device)
                   for frame, sample in zip(frames, batch_data_samples, strict=True)]
        frame = FullFrame(*(torch.cat([getattr(one, name) for one in frames]) for name in FullFrame.__dataclass_fields__))
        maps = x[:self.mesh_roi_extractor.num_inputs]
        features = self.mesh_neck([self.mesh_roi_extractor(maps, bbox2roi(regions))])
        return self.mesh_head(features, frame.bbox_info.to(features)), frame

    def place(self, boxes: Tensor, sample: DetDataSample) -> FullFrame:
        """Where the regions around boxes (N, 4), pixels, lie in the original image."""
        boxes = boxes.float()
        center, scale = bbox_to_center_scale(boxes, self.aspect_ratio, self.padding)
        size = boxes.new_tensor(sample.ori_shape[1::-1])
        focal = sample.get('focal_length', self.focal_length)
        focal = estimate_focal_length(size) if focal is None else boxes.new_tensor(focal)
        return FullFrame(center, scale, size.expand(len(boxes), 2), focal.expand(len(boxes)))


def _corners(frame: FullFrame, aspect_ratio: float) -> Tensor:
    """Regions (N, 4) xyxy in pixels of the original image."""
    half = frame.scale[:, None] * BOX_UNIT / 2 * frame.scale.new_tensor([aspect_ratio, 1.])
    return torch.cat([frame.center - half, frame.center + half], 1)


def _resizing(sample: DetDataSample, device: torch.device) -> Tensor:
    """(4,) from pixels of the original image to those of the detector's input, for boxes xyxy."""
    return torch.tensor(sample.get('scale_factor', (1., 1.)), dtype=torch.float32, device=device).repeat(2)
