"""A helping task: which point of the body each cell of the crop shows."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pixel_shuffle, smooth_l1_loss

from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, HumanDataSample, mirrored_order

from ..necks import PartFeatures
from .part_loss import FAR

PARTS = 1 + 24
"""Nobody, and the parts that SMPL's joints move."""


@MODELS.register_module()
class SurfaceLoss(nn.Module):
    """Which of 24 parts each cell of the neck's two maps shows, and where on the body at rest that point lies.

    A few joints in a picture say little about what a limb looks like; every pixel of it says more [after Güler et al.,
    DensePose, CVPR 2018; part segmentation in PARE, Kocabas et al., ICCV 2021]. Each map is read at twice its resolution by
    one layer, which is used in training only.

    Args:
        channels: Channels of the neck's coarse and fine maps.
        body_model: Config of the neutral body, which tells each vertex's part (the joint that moves it most) and place.
        weight: Factor of both terms.
    """

    def __init__(self, channels: Sequence[int], body_model: dict | None = None, weight: float = 1.) -> None:
        super().__init__()
        self.read = nn.ModuleList(nn.Conv2d(count, (PARTS + 3) * 4, 1) for count in channels)
        body = MODELS.build(body_model or dict(type='SMPLBody')).body
        part = torch.cat([torch.zeros(1, dtype=torch.long), 1 + body.lbs_weights.argmax(1)])
        sides = torch.tensor([0, *(1 + mirrored_order('smpl24'))])
        rest = torch.cat([torch.zeros(1, 3), body.v_template])
        worth = torch.ones(PARTS).index_fill(0, 1 + torch.tensor(FAR), 2.)
        worth[0] = 0.5
        self.register_buffer('part', torch.stack([part, sides[part]]), persistent=False)
        self.register_buffer('rest', torch.stack([rest, rest * torch.tensor([-1., 1., 1.])]), persistent=False)
        self.register_buffer('worth', worth, persistent=False)
        self.weight = weight

    def forward(self, parts: PartFeatures, vector: Tensor, frame: FullFrame,
                data_samples: Sequence[HumanDataSample]) -> dict[str, Tensor]:
        """Losses by name, weighted.

        Args:
            parts: What the neck sees of N people.
            vector: Not used.
            frame: Not used.
            data_samples: N samples with ``gt_surface``.

        Raises:
            ValueError: A sample has none.
        """
        for i, sample in enumerate(data_samples):
            if 'gt_surface' not in sample:
                raise ValueError(f"data sample {i} ({sample.get('sample_id', 'unnamed')}) has no gt_surface: put "
                                 'LoadSurface after LoadHumanImage, or train without SurfaceLoss')
        device = parts.fine.device
        seen = torch.cat([sample.gt_surface.vertex for sample in data_samples]).to(device).long()
        side = torch.tensor([int(sample.gt_surface.mirrored) for sample in data_samples], device=device)[:, None, None]
        terms = dict(surface_part=0., surface_place=0.)
        for read, features in zip(self.read, (parts.merged, parts.fine), strict=True):
            answer = pixel_shuffle(read(features), 2).float()
            step = seen.shape[-1] // answer.shape[-1]
            shown = seen[:, ::step, ::step]
            body = (shown > 0)[..., None]
            off = smooth_l1_loss(answer[:, PARTS:].permute(0, 2, 3, 1), self.rest[side, shown], beta=0.1, reduction='none')
            terms['surface_part'] += cross_entropy(answer[:, :PARTS], self.part[side, shown], self.worth)
            terms['surface_place'] += 5 * (off * body).sum() / body.sum().clamp(1)
        return {f'loss_{name}': self.weight * term for name, term in terms.items()}
