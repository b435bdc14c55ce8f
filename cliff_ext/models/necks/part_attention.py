"""Neck that looks at each joint of the body by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from cliff_ext.registry import MODELS

from .related_top_down import RelatedTopDown, context_of
from .top_down import conv_norm


@dataclass
class PartFeatures:
    """What :class:`PartAttention` sees of P parts.

    Attributes:
        logits: (N, P, h / 2, w / 2) how likely each part is at each cell, before the softmax.
        fine_logits: (N, P, h, w) the same on the finest map.
        place: (N, P, 2) expected x and y in the crop, from 0 to 1, by the finest map.
        spread: (N, P, h / 4 w / 4) probabilities of places on a coarse grid.
        vectors: (N, P, C) features at the parts.
        merged: (N, C_m, h / 2, w / 2) the map that ``logits`` were read from.
        fine: (N, C_f, h, w) the finest map.
    """

    logits: Tensor
    fine_logits: Tensor
    place: Tensor
    spread: Tensor
    vectors: Tensor
    merged: Tensor
    fine: Tensor


@MODELS.register_module()
class PartAttention(RelatedTopDown):
    """Feature maps to one vector: where each part is, what it looks like, and a mean over the coarsest map.

    Part attention after PARE [Kocabas et al., ICCV 2021]: a softmax over positions for each part weights the features that
    are kept of it. With places of joints as input the regressor has little left to learn; a small network trained from few
    pictures needs that. Hands and feet are smaller than a cell of the attention, so the finest map sharpens the places. Left
    and right are told apart last; until then a part is likely in two places, whose mean says nothing, so the vector holds
    coarse probabilities as well.

    Args:
        in_channels: Channels of the maps, finest first, each half as large as the one before.
        map_size: (width, height) of the finest map, multiples of four.
        channels: Channels of the map that is merged from all but the finest.
        fine_channels: Channels on the finest map.
        parts: P.
        part_channels: C, features kept of each part.
        blocks: Residual convolutions on the merged map; joints are told apart there.
        relations: Layers of :class:`CellRelations` on the merged map after them, 0 for none.
        with_maps: Let the finest probabilities of places, flattened (P h w), follow the vector, for
            :class:`~cliff_ext.models.FeedbackHead`.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, in_channels: Sequence[int], map_size: tuple[int, int], channels: int = 128,
                 fine_channels: int = 48, parts: int = 24, part_channels: int = 64, blocks: int = 2, relations: int = 0,
                 with_maps: bool = False, init_cfg: dict | None = None) -> None:
        finest, *others = in_channels
        super().__init__(others, (map_size[0] // 2, map_size[1] // 2), channels, parts, blocks, relations, init_cfg)
        self.what = nn.Conv2d(channels, part_channels, 1)
        self.fine_lateral = conv_norm(finest, fine_channels, 1)
        self.fine_top = conv_norm(channels, fine_channels, 1)
        self.fine_merge = nn.Sequential(*(layer for _ in range(2) for layer in (
            nn.ReLU(inplace=True), conv_norm(fine_channels, fine_channels, 3))), nn.ReLU(inplace=True))
        self.fine_where = nn.Conv2d(fine_channels, parts, 1)
        nn.init.zeros_(self.fine_where.weight)
        nn.init.zeros_(self.fine_where.bias)
        self.with_maps = with_maps
        self.out_channels = parts * (part_channels + 2 + map_size[0] * map_size[1] // 16) + in_channels[-1]

    def look(self, features: Sequence[Tensor]) -> PartFeatures:
        """Maps (N, C_i, h_i, w_i) to parts.

        Raises:
            ValueError: Another number of maps than ``in_channels`` says.
        """
        if len(features) != len(self.lateral) + 1:
            raise ValueError(f'PartAttention was built for {len(self.lateral) + 1} feature maps, got {len(features)}')
        return self.read(self.merged(features[1:]), self.fine_lateral(features[0].float()), context_of(features))

    def read(self, merged: Tensor, fine: Tensor, context: Tensor) -> PartFeatures:
        """The merged map, the finest map's part of the fine one, and the vector of :func:`context_of` to parts."""
        merged = self.related(merged, context)
        logits = self.where(merged).float()
        attention = logits.flatten(2).softmax(-1)
        vectors = attention @ self.what(merged).float().flatten(2).transpose(1, 2)
        spread = 4 * avg_pool2d(attention.view_as(logits), 2).flatten(2)
        fine = self.fine_merge(fine + interpolate(self.fine_top(merged), fine.shape[2:]))
        fine_logits = interpolate(logits, fine.shape[2:]) + self.fine_where(fine).float()
        return PartFeatures(logits, fine_logits, expected_place(fine_logits), spread, vectors.float(), merged,
                            fine)

    def vector(self, parts: PartFeatures, context: Tensor) -> Tensor:
        """One vector (N, ``out_channels``) of parts and the vector of :func:`context_of`."""
        return torch.cat([4 * parts.place.flatten(1) - 2, parts.vectors.flatten(1), context, 4 * parts.spread.flatten(1)], 1)

    def told(self, vector: Tensor, parts: PartFeatures) -> Tensor:
        """What the head is told: the vector, and the maps where it wants them."""
        if not self.with_maps:
            return vector
        return torch.cat([vector, parts.fine_logits.flatten(2).softmax(-1).flatten(1)], 1)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        parts = self.look(features)
        return self.told(self.vector(parts, context_of(features)), parts)


def first_place(vector: Tensor) -> Tensor:
    """Expected x and y (N, 2) of the first part in the crop, from 0 to 1, as :meth:`PartAttention.vector` holds them."""
    return (vector[:, :2].float() + 2) / 4


def expected_place(logits: Tensor) -> Tensor:
    """Mean x and y (N, P, 2), from 0 to 1, of the cells of maps (N, P, h, w) under their softmax."""
    height, width = logits.shape[2:]
    x = (torch.arange(width, device=logits.device) + 0.5) / width
    y = (torch.arange(height, device=logits.device) + 0.5) / height
    likely = logits.flatten(2).softmax(-1).view_as(logits)
    return torch.stack([(likely.sum(2) * x).sum(-1), (likely.sum(3) * y).sum(-1)], -1)
