"""Neck that looks at each joint of the body by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from cliff_ext.registry import MODELS


@dataclass
class PartFeatures:
    """What :class:`PartAttention` sees of P parts.

    Attributes:
        logits: (N, P, h, w) how likely each part is at each cell of the finest map, before the softmax.
        place: (N, P, 2) expected x and y in the crop, from 0 to 1.
        spread: (N, P, h / 2 w / 2) probabilities of places, on a grid of half the resolution.
        vectors: (N, P, C) features at the parts.
    """

    logits: Tensor
    place: Tensor
    spread: Tensor
    vectors: Tensor


@MODELS.register_module()
class PartAttention(nn.Module):
    """Feature maps to one vector: where each part is, what it looks like, and a mean over the coarsest map.

    Part attention after PARE [Kocabas et al., ICCV 2021]: a softmax over positions for each part weights the features that
    are kept of it. With places of joints as input the regressor has little left to learn; a small network trained from few
    pictures needs that. Left and right are told apart last; until then a part is likely in two places, whose mean says
    nothing, so the vector holds the probabilities as well.

    Args:
        in_channels: Channels of the maps, finest first, each half as large as the one before (rounded up).
        map_size: (width, height) of the finest map, even numbers.
        channels: Channels of the merged map.
        parts: P.
        part_channels: C, features kept of each part.
        blocks: Residual convolutions on the merged map; joints are told apart there.
    """

    def __init__(self, in_channels: Sequence[int], map_size: tuple[int, int], channels: int = 128, parts: int = 24,
                 part_channels: int = 64, blocks: int = 2) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(_conv(c, channels, 1) for c in in_channels)
        self.merge = nn.Sequential(_conv(channels, channels, 3), nn.ReLU(inplace=True))
        self.blocks = nn.ModuleList(_conv(channels, channels, 3) for _ in range(blocks))
        self.where = nn.Conv2d(channels, parts, 1)
        self.what = nn.Conv2d(channels, part_channels, 1)
        self.out_channels = parts * (part_channels + 2 + map_size[0] * map_size[1] // 4) + in_channels[-1]

    def look(self, features: Sequence[Tensor]) -> PartFeatures:
        """Maps (N, C_i, h_i, w_i) to parts.

        Raises:
            ValueError: Another number of maps than ``in_channels`` says.
        """
        if len(features) != len(self.lateral):
            raise ValueError(f'PartAttention was built for {len(self.lateral)} feature maps, got {len(features)}')
        merged = None
        for lateral, maps in zip(reversed(self.lateral), reversed(features), strict=True):
            side = lateral(maps.float())
            merged = side if merged is None else side + interpolate(merged, side.shape[2:])
        merged = self.merge(merged)
        for block in self.blocks:
            merged = merged + block(merged).relu()
        logits = self.where(merged).float()
        attention = logits.flatten(2).softmax(-1)
        height, width = logits.shape[2:]
        y, x = torch.meshgrid((torch.arange(height) + 0.5) / height, (torch.arange(width) + 0.5) / width, indexing='ij')
        cells = torch.stack([x, y], -1).to(logits.device).flatten(0, 1)
        vectors = attention @ self.what(merged).float().flatten(2).transpose(1, 2)
        place = (attention[..., None] * cells).sum(2)  # no matrix product: autocast would round it
        spread = 4 * avg_pool2d(attention.unflatten(2, (height, width)), 2).flatten(2)
        return PartFeatures(logits, place, spread, vectors.float())

    def vector(self, parts: PartFeatures, features: Sequence[Tensor]) -> Tensor:
        """One vector (N, ``out_channels``) of parts and the coarsest map."""
        context = features[-1].float().mean((2, 3))
        return torch.cat([4 * parts.place.flatten(1) - 2, parts.vectors.flatten(1), context, 4 * parts.spread.flatten(1)], 1)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        return self.vector(self.look(features), features)


def _conv(inputs: int, outputs: int, size: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False), nn.BatchNorm2d(outputs))
