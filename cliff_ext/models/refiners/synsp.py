"""SynSP: two estimates, one precise and one smooth, and a third that knows where they disagree."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cliff_ext.registry import MODELS

from .attention import TransformerStack, sinusoid_positions
from .base import PoseRefiner, RefinerOutput
from .cosines import dct_matrix, low_pass
from .cues import agreement, on_own_view, similarity
from .synsp_inference import SynSPInference

ACCELERATION_FACTORS = dict(position=0., acceleration=1., refined=0.5)


class _LinearPair(nn.Module):
    """Two linear layers with nothing between them, multiplied out before they meet the data."""

    def __init__(self, in_dims: int, hidden_dims: int, out_dims: int) -> None:
        super().__init__()
        self.first = nn.Linear(in_dims, hidden_dims)
        self.second = nn.Linear(hidden_dims, out_dims)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, *self.product())

    def product(self) -> tuple[Tensor, Tensor]:
        """Weight (out_dims, in_dims) and bias of the one layer that does the same."""
        return self.second.weight @ self.first.weight, self.second(self.first.bias)


@MODELS.register_module()
class SynSP(PoseRefiner):
    """SynSP [Wang et al., CVPR 2024]: synergy of smoothness and precision in pose sequences refinement.

    Takes one view (N, W, C) or several views of one person (N, V, W, C), in one camera-independent representation. Root
    handling and scale are the caller's.

    Args:
        window_size: Frames of a window, W; published are 8 and 16.
        in_channels: Coordinates of a pose, C: 51 for 17 joints in 3D, 144 for 24 rotations in 6D.
        embed_dims: Features of a token, D; published are 128 for joints and 256 for SMPL.
        num_layers: Layers of each of the two encoders and two decoders.
        num_heads: Heads of the attention.
        head_dims: Features of a head.
        dropout: Probability in training; inside the attention it is 0.1.
        base_frequencies: 0 as published. Otherwise the network gives corrections to the window's own lowest so many cosine
            waves, and begins as that low pass: it learns in a small part of the time.
        step: Frames from one window to the next where a whole sequence is refined.
        chunk: Windows of a sequence refined at a time.
        loss: Config of a :class:`~cliff_ext.models.losses.MotionLoss`.
        data_preprocessor: Config.
        init_cfg: As MMEngine's models.
    """

    def __init__(self, window_size: int, in_channels: int, embed_dims: int = 128, num_layers: int = 4, num_heads: int = 4,
                 head_dims: int = 64, dropout: float = 0.2, base_frequencies: int = 0, step: int = 1, chunk: int = 128,
                 loss: dict | None = None, data_preprocessor: dict | None = None, init_cfg: dict | None = None) -> None:
        super().__init__(window_size, step, chunk, loss, data_preprocessor, init_cfg)
        self.in_channels, self.base_frequencies = in_channels, base_frequencies
        self.embed = _LinearPair(in_channels, embed_dims, embed_dims)
        stack = (num_layers, embed_dims, num_heads, head_dims, dropout)
        self.local_encoder, self.global_encoder = TransformerStack(*stack), TransformerStack(*stack)
        self.bias_decoder, self.refine_decoder = TransformerStack(*stack), TransformerStack(*stack)
        head = (embed_dims, 2 * embed_dims, in_channels)
        self.position_head, self.acceleration_head, self.refine_head = (_LinearPair(*head) for _ in range(3))
        self.dropout = nn.Dropout(dropout)
        self.register_buffer('cosines', dct_matrix(window_size), persistent=False)
        self.register_buffer('positions', sinusoid_positions(window_size, embed_dims), persistent=False)
        self.register_buffer('low_pass', low_pass(window_size, base_frequencies), persistent=False)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)
        for output in (self.position_head, self.acceleration_head, self.refine_head) if base_frequencies else ():
            nn.init.zeros_(output.second.weight)
            nn.init.zeros_(output.second.bias)

    def refine_windows(self, windows: Tensor) -> RefinerOutput:
        """Refines windows (N, W, C) or (N, V, W, C); fills all outputs.

        Raises:
            ValueError: Poses of another number of coordinates.
        """
        self.check(windows)
        if not (self.training or torch.is_grad_enabled()):
            return SynSPInference(self)(windows.movedim(0, -3).flatten(-3, -2), self.window_size)
        if windows.ndim == 4:
            return self._refine_views(windows)
        output = self._refine_views(windows[:, None])
        return RefinerOutput(*(value[:, 0] for value in vars(output).values()))

    def stretch_refiner(self) -> Callable[[Tensor, int], RefinerOutput]:
        """Shares among a stretch's windows what is linear in its frames."""
        return super().stretch_refiner() if self.training else SynSPInference(self)

    def check(self, poses: Tensor) -> None:
        """Refuses poses (..., C) of another number of coordinates."""
        if poses.shape[-1] != self.in_channels:
            raise ValueError(f'this SynSP refines poses of {self.in_channels} coordinates, got {poses.shape[-1]}; is it '
                             'the model of another representation or skeleton?')

    def losses(self, output: RefinerOutput, target: Tensor) -> dict[str, Tensor]:
        """``loss_BRANCH_position`` and ``loss_BRANCH_acceleration`` of the outputs; the position branch may bend freely."""
        return {f'loss_{branch}_{term}': value * (factor if term == 'acceleration' else 1.)
                for branch, factor in ACCELERATION_FACTORS.items()
                for term, value in self.loss_module(getattr(output, branch), target).items()
                if term == 'position' or factor}

    def _refine_views(self, poses: Tensor) -> RefinerOutput:
        """(N, V, W, C); tokens are (N·V, W, D)."""
        views = poses.shape[1]
        embedded = self.embed(self._in_single(self.cosines, poses))
        tokens = embedded.flatten(0, 1)
        encoded = self.local_encoder(self.dropout(tokens + self.positions))
        shared = self.global_encoder(self.dropout(embedded + self.positions).flatten(1, 2))  # (N, V·W, D)
        shared = shared.repeat_interleave(views, 0)

        memory = torch.cat([encoded, shared + similarity(poses)], 1)
        # The reference runs the last layer twice more on the same input; once gives both branches.
        decoded = self.bias_decoder.layers[-1](self.bias_decoder(tokens, memory), memory) + tokens
        base = self._in_single(self.low_pass, poses) if self.base_frequencies else 0.
        position, acceleration = (base + head(decoded).view_as(poses)
                                  for head in (self.position_head, self.acceleration_head))

        quality = agreement(position.detach(), acceleration.detach())
        mean = (position.detach() + acceleration.detach()) / 2
        memory = torch.cat([decoded, shared + similarity(mean) + on_own_view(quality)], 1)
        refined = base + self.refine_head(self.refine_decoder(tokens, memory) + tokens).view_as(poses)
        return RefinerOutput(refined, position, acceleration, quality)

    @staticmethod
    def _in_single(matrix: Tensor, poses: Tensor) -> Tensor:
        """A product over time, in float32 also under mixed precision."""
        with torch.autocast(poses.device.type, enabled=False):
            return matrix @ poses.float()

