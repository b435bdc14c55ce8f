"""SynSP without gradients and dropout: the same sums, in an order that needs fewer products.

What is linear in a window's tokens is linear in its frames: the tokens, and the first layers' queries, keys and values, are
made once for each frame and summed over time for each window. Linear layers in a row are one layer. Decoders take their
queries to the memory, which is longer, and never project it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from .attention import TransformerLayer
from .base import RefinerOutput
from .cues import agreement, on_own_view, similarity
from .windows import cut_windows

if TYPE_CHECKING:
    from .synsp import SynSP


class SynSPInference:
    """Refines stretches of frames with the weights that a SynSP has when this is built.

    It computes in float32 also under mixed precision, and keeps no gradients.

    Args:
        model: The network.
    """

    @torch.no_grad()
    def __init__(self, model: SynSP) -> None:
        self.model = model
        with torch.autocast(model.cosines.device.type, enabled=False):
            self.local_encoder, self.global_encoder = (
                [_EncoderLayer(layer) for layer in stack.layers] for stack in (model.local_encoder, model.global_encoder))
            self.bias_decoder, self.refine_decoder = (
                [_DecoderLayer(layer) for layer in stack.layers] for stack in (model.bias_decoder, model.refine_decoder))
            self.position_head, self.acceleration_head, self.refine_head = (
                head.product() for head in (model.position_head, model.acceleration_head, model.refine_head))
            embed, bias = model.embed.product()
            bias = bias.expand(model.window_size, -1)
            encoders, decoders = ((one[0].projection, other[0].projection) for one, other in (
                (self.local_encoder, self.global_encoder), (self.bias_decoder, self.refine_decoder)))
            self.of_frames = torch.cat([embed, *(projection @ embed for projection in (*encoders, *decoders))])
            self.of_places = [bias, *(F.linear(bias + model.positions, projection) for projection in encoders),
                              *(F.linear(bias, projection) for projection in decoders)]

    @torch.no_grad()
    def __call__(self, frames: Tensor, step: int) -> RefinerOutput:
        """Frames (F, C) or (V, F, C) to all outputs of their windows, ``step`` frames apart, (n, W, C) or (n, V, W, C).

        Raises:
            ValueError: Poses of another number of coordinates.
        """
        self.model.check(frames)
        with torch.autocast(frames.device.type, enabled=False):
            if frames.ndim == 3:
                return self._refine(frames.float(), step)
            output = self._refine(frames[None].float(), step)
            return RefinerOutput(*(value[:, 0] for value in vars(output).values()))

    def _refine(self, frames: Tensor, step: int) -> RefinerOutput:
        """(V, F, C); tokens are (n·V, W, D)."""
        model, views = self.model, len(frames)
        windows = cut_windows(frames, model.window_size, step)
        tokens, local, common, *queries = self._projections(frames, step)
        encoded = _run(self.local_encoder, local, tokens + model.positions)
        joined = (len(windows), views * model.window_size, -1)
        shared = _run(self.global_encoder, common.view(joined), (tokens + model.positions).view(joined))
        shared = shared.repeat_interleave(views, 0)

        memory = torch.cat([encoded, shared + similarity(windows)], 1)
        decoded = _run(self.bias_decoder, queries[0], tokens.clone(), memory)
        decoded = self.bias_decoder[-1](decoded, memory).add_(tokens)
        base = model.low_pass @ windows if model.base_frequencies else 0.
        position, acceleration = (base + F.linear(decoded, *head).view(windows.shape)
                                  for head in (self.position_head, self.acceleration_head))

        quality = agreement(position, acceleration)
        memory = torch.cat([decoded, shared + similarity((position + acceleration) / 2) + on_own_view(quality)], 1)
        decoded = _run(self.refine_decoder, queries[1], tokens.clone(), memory).add_(tokens)
        refined = base + F.linear(decoded, *self.refine_head).view(windows.shape)
        return RefinerOutput(refined, position, acceleration, quality)

    def _projections(self, frames: Tensor, step: int) -> list[Tensor]:
        """Tokens, queries, keys and values together of both encoders, and queries of both decoders, each (n·V, W, ...)."""
        windows = cut_windows(F.linear(frames, self.of_frames), self.model.window_size, step).flatten(0, 1)
        cosines = self.model.cosines.expand(len(windows), -1, -1)
        parts = windows.split([place.shape[-1] for place in self.of_places], -1)
        return [torch.baddbmm(place, cosines, part) for place, part in zip(self.of_places, parts, strict=True)]


class _Layer:
    """A transformer layer that overwrites the tokens that it is given."""

    def __init__(self, layer: TransformerLayer) -> None:
        self.layer = layer
        self.out = layer.attention.out.weight.T
        self.heads = (layer.attention.num_heads, layer.attention.head_dims)

    def _finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Tokens (N, T, D) and what the heads gathered for them, (N, T, ...) or flatter, to the layer's result (N, T, D)."""
        x.view(-1, x.shape[-1]).addmm_(mixed.reshape(-1, len(self.out)), self.out)
        x = self.layer.attention_norm(x)
        hidden = F.relu(self.layer.up(x), inplace=True)
        return self.layer.feedforward_norm(self.layer.down(hidden).add_(x))


class _EncoderLayer(_Layer):
    """Self-attention, with one product for queries, keys and values."""

    def __init__(self, layer: TransformerLayer) -> None:
        super().__init__(layer)
        attention = layer.attention
        self.projection = torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])

    def __call__(self, x: Tensor, projected: Tensor | None = None) -> Tensor:
        """Tokens (N, T, D), of which the queries, keys and values may be known, to (N, T, D)."""
        projected = F.linear(x, self.projection) if projected is None else projected
        q, k, v = projected.unflatten(-1, (3, *self.heads)).permute(2, 0, 3, 1, 4)
        return self._finish(x, F.scaled_dot_product_attention(q, k, v).transpose(1, 2))


class _DecoderLayer(_Layer):
    """Attention to the memory itself: with q·k = (W_q x)·(W_k m) = (W_kᵀ W_q x)·m, it needs no keys, and no values likewise.

    Where a head is wide both products with its weights are made once, otherwise one after the other on the data.
    """

    def __init__(self, layer: TransformerLayer) -> None:
        super().__init__(layer)
        attention = layer.attention
        self.key = self.value = None
        if attention.query.in_features <= 2 * attention.head_dims:
            to_query, self.out = attention.absorbed_weights()
            self.projection = to_query.T
        else:
            self.projection = attention.query.weight
            self.key = attention.key.weight.unflatten(0, self.heads)
            self.value = attention.value.weight.unflatten(0, self.heads).mT
        self.projection = self.projection * attention.head_dims**-0.5

    def __call__(self, x: Tensor, memory: Tensor, query: Tensor | None = None) -> Tensor:
        """Tokens (N, T, D), whose queries may be known, and memory (N, M, D) to (N, T, D)."""
        query = F.linear(x, self.projection) if query is None else query
        if self.key is not None:
            query = _each_head(query, self.key)
        weights = torch.bmm(query.view(len(x), -1, x.shape[-1]), memory.mT).softmax(-1)  # (N, T·H, M)
        mixed = torch.bmm(weights, memory)
        return self._finish(x, mixed if self.value is None else _each_head(mixed, self.value))


def _each_head(x: Tensor, weights: Tensor) -> Tensor:
    """Rows of all heads' features (..., H·A) by a matrix for each head (H, A, B), to (rows, H, B)."""
    return torch.bmm(x.reshape(-1, *weights.shape[:2]).transpose(0, 1), weights).transpose(0, 1).contiguous()


def _run(layers: Sequence[_Layer], first: Tensor, x: Tensor, *memory: Tensor) -> Tensor:
    """Layers in a row, of which the first has its projections already; overwrites ``x``."""
    x = layers[0](x, *memory, first)
    for layer in layers[1:]:
        x = layer(x, *memory)
    return x
