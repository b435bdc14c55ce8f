"""Post-norm transformer layers whose attention takes the cheaper of two equal forms."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ATTENTION_DROPOUT = 0.1
EPS = 1e-6


class Attention(nn.Module):
    """Multi-head attention without biases, from M memory tokens to T tokens.

    Args:
        dims: Features of a token, D.
        num_heads: H.
        head_dims: Features of a head.
    """

    def __init__(self, dims: int, num_heads: int, head_dims: int) -> None:
        super().__init__()
        self.num_heads, self.head_dims = num_heads, head_dims
        self.query = nn.Linear(dims, num_heads * head_dims, bias=False)
        self.key = nn.Linear(dims, num_heads * head_dims, bias=False)
        self.value = nn.Linear(dims, num_heads * head_dims, bias=False)
        self.out = nn.Linear(num_heads * head_dims, dims, bias=False)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """Tokens (N, T, D) and memory (N, M, D) to (N, T, D)."""
        dims, length = x.shape[-1], x.shape[-2]
        standard = self.head_dims * (length + memory.shape[-2])  # products to make, up to a common factor
        return self._absorbed(x, memory) if dims * length < standard else self._standard(x, memory)

    def _standard(self, x: Tensor, memory: Tensor) -> Tensor:
        """Every head projects tokens and memory."""
        q, k, v = (linear(tokens).unflatten(-1, (self.num_heads, self.head_dims)).transpose(1, 2)
                   for linear, tokens in ((self.query, x), (self.key, memory), (self.value, memory)))
        mixed = F.scaled_dot_product_attention(q, k, v, dropout_p=self._dropout)
        return self.out(mixed.transpose(1, 2).flatten(-2))

    def _absorbed(self, x: Tensor, memory: Tensor) -> Tensor:
        """The memory's projections move to the query and to the output, so the memory, often longer, is never projected.

        With q·k = (W_q x)·(W_k m) = (W_kᵀ W_q x)·m, all heads attend to the memory itself: one attention of T·H queries.
        """
        number, length, dims = x.shape
        to_query, to_out = self.absorbed_weights()
        query = (x @ to_query).view(number, 1, length * self.num_heads, dims)
        memory = memory[:, None]
        mixed = F.scaled_dot_product_attention(query, memory, memory, dropout_p=self._dropout, scale=self.head_dims**-0.5)
        return mixed.reshape(number, length, self.num_heads * dims) @ to_out

    def absorbed_weights(self) -> tuple[Tensor, Tensor]:
        """Weights from tokens to queries of the memory itself (D, H·D), and from its mixtures to tokens (H·D, D)."""
        heads = (self.num_heads, self.head_dims)
        q, k, v = (linear.weight.unflatten(0, heads) for linear in (self.query, self.key, self.value))
        to_query = (q.transpose(1, 2) @ k).transpose(0, 1).flatten(1)
        to_out = (v.transpose(1, 2) @ self.out.weight.unflatten(1, heads).permute(1, 2, 0)).flatten(0, 1)
        return to_query, to_out

    @property
    def _dropout(self) -> float:
        return ATTENTION_DROPOUT if self.training else 0.


class TransformerLayer(nn.Module):
    """Attention and a feed-forward network, each followed by the sum with its input and a layer norm.

    Args:
        dims: Features of a token, D; also the feed-forward network's width.
        num_heads: Heads of the attention.
        head_dims: Features of a head.
        dropout: Probability in training.
    """

    def __init__(self, dims: int, num_heads: int, head_dims: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(dims, num_heads, head_dims)
        self.attention_norm = nn.LayerNorm(dims, eps=EPS)
        self.up = nn.Linear(dims, dims)
        self.down = nn.Linear(dims, dims)
        self.feedforward_norm = nn.LayerNorm(dims, eps=EPS)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        """Tokens (N, T, D), attending to memory (N, M, D) or, without it, to each other, to (N, T, D)."""
        x = self.attention_norm(self.dropout(self.attention(x, x if memory is None else memory)) + x)
        hidden = F.relu(self.up(x), inplace=True)
        return self.feedforward_norm(self.dropout(self.down(hidden)) + x)


class TransformerStack(nn.Module):
    """Transformer layers in a row; an encoder without memory, a decoder (of cross-attention only) with it."""

    def __init__(self, num_layers: int, dims: int, num_heads: int, head_dims: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(TransformerLayer(dims, num_heads, head_dims, dropout) for _ in range(num_layers))

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        """As :class:`TransformerLayer`."""
        for layer in self.layers:
            x = layer(x, memory)
        return x


def sinusoid_positions(length: int, dims: int) -> Tensor:
    """Sinusoid position codes (length, dims): sine at even, cosine at odd features, computed in float64."""
    feature = torch.arange(dims)
    rate = 10000.**(-2 * (feature // 2).double() / dims)
    angle = torch.arange(length).double()[:, None] * rate
    return torch.where(feature % 2 == 0, angle.sin(), angle.cos()).float()
