"""Helping tasks that teach :class:`~cliff_ext.models.PartAttention` where parts are, how deep, and which way they face."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, smooth_l1_loss

from cliff_ext.body_models import SMPLJoints
from cliff_ext.geometry import project_points
from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, HumanDataSample

from ..necks import PartFeatures
from .rendered_human_loss import known_targets

HEADINGS = 12
FACING = (0, 9, 15, 7, 8)
"""Pelvis, chest, head and ankles: joints whose headings are asked for."""
FAR = (7, 8, 10, 11, 18, 19, 20, 21, 22, 23)
"""Ankles, feet, elbows, wrists and hands: small, far from the trunk, worst found; they count twice."""


@MODELS.register_module()
class PartLoss(nn.Module):
    """Cross-entropy of each joint's cell on both maps, its place, its depth, and the headings of body parts.

    Left from right is learned soon; front from back only once features at a head or a foot must tell which way it points.
    The layers here are used in training only.

    Args:
        part_channels: Features of each part.
        vector_channels: Length of the neck's vector.
        body_model: Config of the neutral body.
        weight: Factor of all terms.
    """

    def __init__(self, part_channels: int, vector_channels: int, body_model: dict | None = None,
                 weight: float = 0.5) -> None:
        super().__init__()
        self.skeleton = SMPLJoints(MODELS.build(body_model or dict(type='SMPLBody')), ()).requires_grad_(False)
        self.facing = nn.Parameter(torch.randn(len(FACING), part_channels, HEADINGS) * 0.02)
        self.facing_bias = nn.Parameter(torch.zeros(len(FACING), HEADINGS))
        self.depth = nn.Parameter(torch.zeros(24, part_channels))
        self.heading = nn.Linear(vector_channels, HEADINGS)
        self.register_buffer('worth', torch.ones(24).index_fill(0, torch.tensor(FAR), 2.), persistent=False)
        self.worth *= 24 / self.worth.sum()
        self.weight = weight

    def forward(self, parts: PartFeatures, vector: Tensor, frame: FullFrame,
                data_samples: Sequence[HumanDataSample]) -> dict[str, Tensor]:
        """Losses by name, weighted. Joints outside the crop do not count.

        Args:
            parts: What the neck sees of N people.
            vector: (N, C) what it gives to the head.
            frame: Where their crops lie.
            data_samples: N samples with ``gt_instances``.

        Raises:
            ValueError: Something is not known of somebody.
        """
        truth = known_targets(data_samples, vector.device)
        return self.compare(parts, vector, frame, truth.rotmats, truth.betas, truth.transl)

    def compare(self, parts: PartFeatures, vector: Tensor, frame: FullFrame, true: Tensor, true_betas: Tensor,
                true_transl: Tensor) -> dict[str, Tensor]:
        """As :meth:`forward`, with the truth as tensors: rotations (N, 24, 3, 3), betas (N, 10), transl (N, 3) metres."""
        with torch.autocast(vector.device.type, enabled=False):  # bfloat16 would move joints by millimetres
            turns, joints = self.skeleton.bones(true, true_betas)
            points = project_points(joints + true_transl[:, None], frame.focal_length, frame.image_size / 2)
        height, width = parts.fine_logits.shape[2:]
        crop = points.new_tensor([width / height, 1.])
        place = (points - frame.center[:, None]) / frame.box[:, None, None] / crop + 0.5
        inside = ((place > 0) & (place < 1)).all(-1)
        off = ((parts.place - place) * crop).square().sum(-1)
        facing = torch.einsum('npc,pco->npo', parts.vectors[:, FACING], self.facing) + self.facing_bias
        sector = heading_sector(turns[:, FACING])
        surprise = cross_entropy(facing.flatten(0, 1), sector.flatten(), reduction='none').view_as(sector)
        near = inside[:, FACING]
        depth = joints[..., 2] - joints[:, :1, 2]
        wrong = smooth_l1_loss((parts.vectors * self.depth).sum(-1), depth, beta=0.1, reduction='none')
        worth = inside * self.worth
        terms = dict(
            part_cell=cell_loss(parts.logits, place, worth) + cell_loss(parts.fine_logits, place, worth),
            part_place=4 * ((off + 1e-6).sqrt() * inside).mean(),
            part_facing=(surprise * near).sum() / near.sum().clamp(1),
            part_heading=cross_entropy(self.heading(vector), sector[:, 0]),
            part_depth=5 * (wrong * inside).mean())
        return {f'loss_{name}': self.weight * term for name, term in terms.items()}


def heading_sector(rotmats: Tensor) -> Tensor:
    """Which of ``HEADINGS`` sectors (…,) things turned by (…, 3, 3) face, seen from above."""
    angle = torch.atan2(rotmats[..., 0, 2], rotmats[..., 2, 2])
    return ((angle / (2 * torch.pi) + 0.5) * HEADINGS).long().clamp(0, HEADINGS - 1)


def cell_loss(logits: Tensor, place: Tensor, worth: Tensor) -> Tensor:
    """Cross-entropy between maps (N, K, h, w) and places (N, K, 2) in [0, 1], shared among the four nearest cells.

    Places count as much as ``worth`` (N, K) says.
    """
    height, width = logits.shape[2:]
    x, y = place[..., 0] * width - 0.5, place[..., 1] * height - 0.5
    across = (1 - (x[..., None] - torch.arange(width, device=x.device)).abs()).clamp(0)
    down = (1 - (y[..., None] - torch.arange(height, device=y.device)).abs()).clamp(0)
    target = (down[..., :, None] * across[..., None, :]).flatten(2)
    target = target / target.sum(-1, keepdim=True).clamp(1e-6)
    surprise = -(target * logits.flatten(2).log_softmax(-1)).sum(-1)
    return (surprise * worth).sum() / worth.sum().clamp(1)
