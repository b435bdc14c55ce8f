"""SynSP without gradients and dropout: the same sums, in an order that needs fewer products.

What is linear in a window's tokens is linear in its frames: the tokens, and the first layers' queries, keys and values, are
made once for each frame and summed over time for each window. Linear layers in a row are one layer. Decoders take their
queries to the memory, which is longer, and never project it.
"""

from __future__ import annotations

import math
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
            room = _Room()
            encoders, decoders = (model.local_encoder, model.global_encoder), (model.bias_decoder, model.refine_decoder)
            self.local_encoder, self.global_encoder = (
                [_EncoderLayer(layer, room) for layer in stack.layers] for stack in encoders)
            self.bias_decoder, self.refine_decoder = (
                [_DecoderLayer(layer, room) for layer in stack.layers] for stack in decoders)
            self.position_head, self.acceleration_head, self.refine_head = (
                head.product() for head in (model.position_head, model.acceleration_head, model.refine_head))
            embed, bias = model.embed.product()
            bias = bias.expand(model.window_size, -1)
            of_encoders, of_decoders = ((one[0].projection, other[0].projection) for one, other in (
                (self.local_encoder, self.global_encoder), (self.bias_decoder, self.refine_decoder)))
            self.of_frames = torch.cat([embed, *(projection @ embed for projection in (*of_encoders, *of_decoders))])
            self.of_places = [bias, *(F.linear(bias + model.positions, projection) for projection in of_encoders),
                              *(F.linear(bias, projection) for projection in of_decoders)]

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
        """(V, F, C); tokens are rows (n·V·W, D)."""
        model, views = self.model, len(frames)
        windows = cut_windows(frames, model.window_size, step)
        number, length = len(windows), model.window_size
        tokens, *first = self._projections(frames, step)
        placed = tokens.view(-1, length, tokens.shape[-1]) + model.positions
        encoded = _run(self.local_encoder, first[0], placed.flatten(0, 1).clone(), length)
        shared = _run(self.global_encoder, first[1], placed.flatten(0, 1), views * length)
        encoded = encoded.view(placed.shape)
        shared = shared.view(number, views * length, -1).repeat_interleave(views, 0)

        memory = torch.cat([encoded, shared + similarity(windows)], 1)
        decoded = _run(self.bias_decoder, first[2], tokens.clone(), memory)
        decoded = self.bias_decoder[-1](decoded, memory).add_(tokens)
        base = model.low_pass @ windows if model.base_frequencies else 0.
        position, acceleration = (base + F.linear(decoded, *head).view(windows.shape)
                                  for head in (self.position_head, self.acceleration_head))

        quality = agreement(position, acceleration)
        cues = similarity((position + acceleration) / 2) + on_own_view(quality)
        memory = torch.cat([decoded.view(placed.shape), shared + cues], 1)
        decoded = _run(self.refine_decoder, first[3], tokens.clone(), memory).add_(tokens)
        refined = base + F.linear(decoded, *self.refine_head).view(windows.shape)
        return RefinerOutput(refined, position, acceleration, quality)

    def _projections(self, frames: Tensor, step: int) -> list[Tensor]:
        """Rows of the tokens, of both encoders' queries, keys and values, and of both decoders' queries (n·V·W, ...)."""
        windows = cut_windows(F.linear(frames, self.of_frames), self.model.window_size, step).flatten(0, 1)
        cosines = self.model.cosines.expand(len(windows), -1, -1)
        parts = windows.split([place.shape[-1] for place in self.of_places], -1)
        return [torch.baddbmm(place, cosines, part).flatten(0, 1) for place, part in zip(self.of_places, parts, strict=True)]


class _Room:
    """Memory for what a layer makes and the next one overwrites.

    Fresh memory for every result costs 2 (D = 128) to 9 % (D = 256) of the time on a CPU.
    """

    def __init__(self) -> None:
        self.memory: dict[str, Tensor] = {}

    def __call__(self, name: str, like: Tensor, *shape: int) -> Tensor:
        """Uninitialised memory of a shape, the same again for every call with this name, on the device of ``like``."""
        size = math.prod(shape)
        memory = self.memory.get(name)
        if memory is None or memory.numel() < size or memory.device != like.device:
            memory = self.memory[name] = like.new_empty(size)
        return memory[:size].view(shape)


class _Layer:
    """A transformer layer of rows of tokens, which it overwrites."""

    def __init__(self, layer: TransformerLayer, room: _Room) -> None:
        self.room = room
        attention = layer.attention
        self.heads, self.out = (attention.num_heads, attention.head_dims), attention.out.weight.T
        self.attention_norm, self.feedforward_norm = layer.attention_norm, layer.feedforward_norm
        self.up, self.down = layer.up.weight.T, layer.down.weight.T
        # The norm adds the last bias ahead of its turn, and the bias in between takes it off again.
        self.norm_bias = layer.attention_norm.bias + layer.down.bias
        self.up_bias = layer.up(-layer.down.bias)

    def _finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Tokens (R, D) and what the heads gathered for them (R, ...) to the layer's result (R, D)."""
        norm = self.attention_norm
        x = F.layer_norm(x.addmm_(mixed, self.out), norm.normalized_shape, norm.weight, self.norm_bias, norm.eps)
        hidden = torch.addmm(self.up_bias, x, self.up, out=self.room('hidden', x, len(x), self.up.shape[1])).relu_()
        return self.feedforward_norm(x.addmm_(hidden, self.down))


class _EncoderLayer(_Layer):
    """Self-attention, with one product for queries, keys and values.

    Windows are so short that plain products are more than twice as fast as torch's fused attention.
    """

    def __init__(self, layer: TransformerLayer, room: _Room) -> None:
        super().__init__(layer, room)
        attention = layer.attention
        query = attention.query.weight * attention.head_dims**-0.5
        self.projection = torch.cat([query, attention.key.weight, attention.value.weight])

    def __call__(self, x: Tensor, length: int, projected: Tensor | None = None) -> Tensor:
        """Rows (R, D), each ``length`` of which attend to one another; their queries, keys and values may be known."""
        if projected is None:
            projected = torch.mm(x, self.projection.T, out=self.room('projected', x, len(x), len(self.projection)))
        projected = projected.view(-1, length, 3, *self.heads).permute(2, 0, 3, 1, 4)  # (3, N, H, L, A)
        q, k, v = self.room('by head', x, *projected.shape).copy_(projected).flatten(1, 2)
        mixed = torch.bmm(torch.bmm(q, k.mT).softmax(-1), v, out=q)
        rows = self.room('mixed', x, len(x), math.prod(self.heads))
        rows.view(-1, length, *self.heads).copy_(mixed.view(-1, self.heads[0], length, self.heads[1]).transpose(1, 2))
        return self._finish(x, rows)


class _DecoderLayer(_Layer):
    """Attention to the memory itself: with q·k = (W_q x)·(W_k m) = (W_kᵀ W_q x)·m, it needs no keys, and no values likewise.

    Where a head is wide both products with its weights are made once, otherwise one after the other on the data.
    """

    def __init__(self, layer: TransformerLayer, room: _Room) -> None:
        super().__init__(layer, room)
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
        """Rows (N·T, D), whose queries may be known, and memory (N, M, D) to rows."""
        wide = self.room('wide', x, len(x), self.heads[0] * memory.shape[-1])  # queries of the memory, then what they gather
        if query is None:
            query = F.linear(x, self.projection) if self.key is not None else torch.mm(x, self.projection.T, out=wide)
        if self.key is not None:
            query = _each_head(query, self.key, wide)
        weights = torch.bmm(query.view(len(memory), -1, memory.shape[-1]), memory.mT).softmax(-1)  # (N, T·H, M)
        torch.bmm(weights, memory, out=wide.view(len(memory), -1, memory.shape[-1]))
        if self.value is None:
            return self._finish(x, wide)
        return self._finish(x, _each_head(wide, self.value, self.room('mixed', x, len(x), len(self.out))))


def _each_head(x: Tensor, weights: Tensor, result: Tensor) -> Tensor:
    """Rows of all heads' features (R, H·A) by a matrix for each head (H, A, B), to ``result`` (R, H·B)."""
    heads = len(weights)
    torch.bmm(x.view(len(x), heads, -1).transpose(0, 1), weights, out=result.view(len(x), heads, -1).transpose(0, 1))
    return result


def _run(layers: Sequence[_Layer], first: Tensor, x: Tensor, context: int | Tensor) -> Tensor:
    """Layers in a row, of which the first has its projections already; overwrites the rows ``x``."""
    x = layers[0](x, context, first)
    for layer in layers[1:]:
        x = layer(x, context)
    return x
