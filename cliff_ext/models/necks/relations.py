"""Lets every cell of a map see all others, so that what is found in one tells what the others can be."""

from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class EncoderLayer(nn.Module):
    """Self-attention and two linear layers, each beside the identity, normed first.

    Args:
        width: Of the tokens.
        heads: Of the attention.
        expansion: How much wider the tokens are between the linear layers.

    Raises:
        ValueError: A width that the heads cannot share.
    """

    def __init__(self, width: int, heads: int = 4, expansion: int = 3) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f'{width} channels cannot be shared among {heads} heads of attention')
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, expansion * width)
        self.fc2 = nn.Linear(expansion * width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, T, width) to the same."""
        query, key, value = self.qkv(self.norm1(tokens)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        tokens = tokens + self.proj(seen)
        return tokens + self.fc2(self.fc1(self.norm2(tokens)).relu())


class CellRelations(BaseModule):
    """A transformer over the cells of a map of joints [after TransPose, Yang et al., ICCV 2021].

    Convolutions judge each cell by what is near it, so the maps of a left and of a right ankle both take the foot that is
    seen best. Here a cell knows where else ankles were found, and which way the person faces. It starts as the identity.

    Args:
        channels: Of the map.
        cells: (width, height) of the map.
        parts: P, guesses of which the cells are told.
        context_channels: Of the vector that all cells are told.
        layers: Of the transformer.
        init_cfg: As MMEngine's modules.
    """

    GAIN = 20.
    """Gain of probabilities, which are small numbers."""

    def __init__(self, channels: int, cells: tuple[int, int], parts: int, context_channels: int, layers: int,
                 init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.position = nn.Parameter(torch.randn(cells[0] * cells[1], channels) * 0.1)
        self.cell = nn.Linear(channels, channels)
        self.guess = nn.Linear(parts, channels, bias=False)
        self.context = nn.Linear(context_channels, channels, bias=False)
        self.layers = nn.Sequential(*(EncoderLayer(channels) for _ in range(layers)), nn.LayerNorm(channels))
        self.change = nn.Linear(channels, channels)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def forward(self, maps: Tensor, logits: Tensor, context: Tensor) -> Tensor:
        """A map (N, C, h, w), how likely each part is at each of its cells (N, P, h, w), and a vector (N, D), to a map.

        Raises:
            ValueError: A map of another size.
        """
        if maps.shape[2] * maps.shape[3] != len(self.position):
            raise ValueError(f'CellRelations were built for {len(self.position)} cells, got {maps.shape[3]} x '
                             f'{maps.shape[2]}: crops of another size need weights of their own')
        likely = self.GAIN * logits.flatten(2).softmax(-1).transpose(1, 2)
        tokens = self.cell(maps.flatten(2).transpose(1, 2)) + self.guess(likely) + self.context(context)[:, None]
        change = self.change(self.layers(tokens + self.position))
        return maps + change.transpose(1, 2).unflatten(2, maps.shape[2:])
