"""SmoothNet: every coordinate's path through time is refined on its own, by one small network for all."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cliff_ext.registry import MODELS

from .base import PoseRefiner, RefinerOutput
from .cosines import low_pass


class _Block(nn.Module):
    """Two linear layers around a narrow place, with a way past them. (..., dims) to (..., dims)."""

    def __init__(self, dims: int, hidden_dims: int, dropout: float) -> None:
        super().__init__()
        self.down = nn.Linear(dims, hidden_dims)
        self.up = nn.Linear(hidden_dims, dims)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        hidden = x
        for linear in (self.down, self.up):
            hidden = F.dropout(linear(hidden), self.dropout, self.training)
            hidden = F.leaky_relu(hidden, 0.2, inplace=True)
        return hidden + x


@MODELS.register_module()
class SmoothNet(PoseRefiner):
    """SmoothNet [Zeng et al., ECCV 2022]: a plug-and-play network for refining human poses in videos.

    The coordinates (C) may mean anything: 2D, 3D, 6D rotations. Root handling and scale are the caller's.

    Args:
        window_size: Frames of a window, W; published are 8, 16, 32 and 64.
        hidden_size: Features between the blocks.
        res_hidden_size: Features inside a block. mmhuman3d's networks have 512 and 5 blocks.
        num_blocks: Number of residual blocks.
        dropout: Probability in training.
        base_frequencies: 0 begins at random, as published. Otherwise the network begins as the low pass that keeps the
            window's lowest so many cosine waves, and learns in a small part of the time.
        step: Frames from one window to the next where a whole sequence is refined.
        chunk: Windows of a sequence refined at a time.
        loss: Config of a :class:`~cliff_ext.models.losses.MotionLoss`.
        data_preprocessor: Config.
        init_cfg: As MMEngine's models.
    """

    def __init__(self, window_size: int, hidden_size: int = 512, res_hidden_size: int = 256, num_blocks: int = 3,
                 dropout: float = 0.5, base_frequencies: int = 0, step: int = 1, chunk: int = 32, loss: dict | None = None,
                 data_preprocessor: dict | None = None, init_cfg: dict | None = None) -> None:
        super().__init__(window_size, step, chunk, loss, data_preprocessor, init_cfg)
        self.encoder = nn.Linear(window_size, hidden_size)
        self.blocks = nn.Sequential(*(_Block(hidden_size, res_hidden_size, dropout) for _ in range(num_blocks)))
        self.decoder = nn.Linear(hidden_size, window_size)
        if base_frequencies:
            self._begin_as(low_pass(window_size, base_frequencies))

    @torch.no_grad()
    def _begin_as(self, matrix: Tensor) -> None:
        """Makes the network a linear map over time, (W, W).

        The encoder's units come in pairs, as LeakyReLU(a) - LeakyReLU(-a) is 1.1 a, and the blocks add nothing.
        """
        half = self.encoder.out_features // 2
        rows = self.encoder.weight[:half]
        self.encoder.weight[half:2 * half] = -rows
        inverse = matrix @ torch.linalg.pinv(rows) / 1.1
        nn.init.zeros_(self.decoder.weight)
        self.decoder.weight[:, :half], self.decoder.weight[:, half:2 * half] = inverse, -inverse
        for layer in (self.encoder, self.decoder, *(block.up for block in self.blocks)):
            nn.init.zeros_(layer.bias)
        for block in self.blocks:
            nn.init.zeros_(block.up.weight)

    def refine_windows(self, windows: Tensor) -> RefinerOutput:
        """Refines windows (N, W, C) or (N, V, W, C); fills ``refined`` only."""
        features = F.leaky_relu(self.encoder(windows.transpose(-1, -2)), 0.1, inplace=True)
        return RefinerOutput(self.decoder(self.blocks(features)).transpose(-1, -2))

    def losses(self, output: RefinerOutput, target: Tensor) -> dict[str, Tensor]:
        """``loss_position`` and ``loss_acceleration``."""
        return {f'loss_{term}': value for term, value in self.loss_module(output.refined, target).items()}
