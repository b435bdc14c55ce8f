"""Regressor that sees how its body lies on the heat maps of the joints, and mends it."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from cliff_ext.body_models import SMPLJoints
from cliff_ext.geometry import rot6d_to_rotmat
from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame, mirrored_order

from .cliff_head import BBOX, BETAS, CAM, POSE, CLIFFHeadOutput, start_values
from .map_reading import pull, sharpest

JOINTS = 24
GAIN = 10.
"""Gain of distances in the crop, which are small numbers."""
FARTHEST = 0.5
"""Crop heights; joints further from their peak count as this far."""


class Residual(nn.Module):
    """Two linear layers beside the identity, which they start as."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        nn.init.zeros_(self.fc2.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.fc2(self.fc1(self.norm(x)).relu())


@MODELS.register_module()
class FeedbackHead(BaseModule):
    """Iterative error feedback that closes the loop in the picture.

    :class:`CLIFFHead` looks at the same feature in each step. Here, as in PyMAF [Zhang et al., ICCV 2021], each step but the
    first projects the body's joints through the full frame's camera. It is told how far they are from the peaks of their
    heat maps, and where the maps near them would send them: the map of each joint and that of its mirror image, since left
    and right are what maps confuse most.

    Args:
        in_channels: Length of the feature, without the maps that follow it (``PartAttention(with_maps=True)``).
        map_size: (width, height) of the maps of SMPL's 24 joints.
        hidden: Width of the layers.
        blocks: Residual pairs of linear layers.
        iterations: Steps.
        dropout: Rate on the feature and before the blocks.
        body_model: Config of the body whose joints are projected; no part of checkpoints.
        mean_params: As :class:`CLIFFHead`'s.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, in_channels: int, map_size: tuple[int, int], hidden: int = 768, blocks: int = 2, iterations: int = 3,
                 dropout: float = 0.1, body_model: dict | None = None, mean_params: str | Path | None = None,
                 init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.in_channels, self.map_size, self.iterations = in_channels, tuple(map_size), iterations
        self.feature = nn.Linear(in_channels, hidden, bias=False)
        nn.init.normal_(self.feature.weight, std=0.01)
        self.place = nn.Linear(3 * JOINTS + BBOX, hidden)
        self.state = nn.Linear(POSE + BETAS + CAM + 3 * JOINTS, hidden)
        self.pull = nn.Linear(2 * 3 * JOINTS, hidden, bias=False)
        nn.init.zeros_(self.pull.weight)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(Residual(hidden) for _ in range(blocks)), nn.LayerNorm(hidden))
        self.decode = nn.Linear(hidden, POSE + BETAS + CAM)
        nn.init.xavier_uniform_(self.decode.weight, gain=0.05)
        nn.init.zeros_(self.decode.bias)
        self.skeleton = SMPLJoints(MODELS.build(body_model or dict(type='SMPLBody')), ()).requires_grad_(False)
        for name, value in start_values(mean_params).items():
            self.register_buffer(name, value)

    def forward(self, feature: Tensor, bbox_info: Tensor) -> CLIFFHeadOutput:
        """Feature and maps (N, C + 24 h w) and box information (N, 3) to SMPL parameters.

        Raises:
            ValueError: Features of another length.
        """
        return self.refine(feature, bbox_info)[-1]

    def refine(self, feature: Tensor, bbox_info: Tensor, iterations: int | None = None) -> list[CLIFFHeadOutput]:
        """As :meth:`forward`, the result of every step; in float32 also under mixed precision, too coarse for places."""
        with torch.autocast(feature.device.type, enabled=False):
            return self._refine(feature.float(), bbox_info.float(), iterations or self.iterations)

    def _refine(self, feature: Tensor, bbox_info: Tensor, iterations: int) -> list[CLIFFHeadOutput]:
        width, height = self.map_size
        length = self.in_channels + JOINTS * width * height
        if feature.shape[1] != length:
            raise ValueError(f'FeedbackHead needs {self.in_channels} numbers and {JOINTS} maps of {width} x {height}, '
                             f'together {length}, got {feature.shape[1]}; PartAttention(with_maps=True) gives them')
        maps = feature[:, self.in_channels:].unflatten(1, (JOINTS, height, width))
        peaks, mass = sharpest(maps)
        known = self.place(torch.cat([4 * peaks.flatten(1) - 2, 2 * mass - 1, bbox_info], 1))
        known = known + self.feature(self.drop(feature[:, :self.in_channels]))
        pose, betas, cam = (start.expand(len(feature), -1) for start in (self.init_pose, self.init_shape, self.init_cam))
        steps: list[CLIFFHeadOutput] = []
        for _ in range(iterations):
            seen = self._seen(steps[-1], bbox_info, maps, peaks, mass) if steps else known.new_zeros(len(known), 9 * JOINTS)
            off, advice = seen.split([3 * JOINTS, 6 * JOINTS], 1)
            state = known + self.state(torch.cat([pose, betas, cam, off], 1)) + self.pull(advice)
            change = self.decode(self.blocks(self.drop(state)))
            parts = change.split([POSE, BETAS, CAM], 1)
            pose, betas, cam = pose + parts[0], betas + parts[1], cam + parts[2]
            rotmats = rot6d_to_rotmat(pose.unflatten(1, (JOINTS, 6)))
            steps.append(CLIFFHeadOutput(rotmats[:, 0], rotmats[:, 1:], betas, cam, pose))
        return steps

    def places(self, output: CLIFFHeadOutput, bbox_info: Tensor) -> Tensor:
        """Where a body's joints lie in the crop (N, 24, 2): x and y, from 0 to 1 inside."""
        frame = FullFrame.of_bbox_info(bbox_info)
        _, joints = self.skeleton.bones(output.rotmats, output.betas)
        off = (frame.project(joints, output.crop_cam) - frame.center[:, None]) / frame.box[:, None, None]
        return off / self._crop_size(off) + 0.5

    def _seen(self, output: CLIFFHeadOutput, bbox_info: Tensor, maps: Tensor, peaks: Tensor, mass: Tensor) -> Tensor:
        """(N, 216): how far the joints are from their peaks, how sure those are, and what the maps advise."""
        with torch.no_grad():  # each step learns for itself, as PyMAF's
            places = self.places(output, bbox_info)
        off = ((peaks - places) * self._crop_size(places)).clamp(-FARTHEST, FARTHEST)
        told = [GAIN * (off * mass[..., None]).flatten(1), 2 * mass - 1]
        for views in (maps, maps[:, mirrored_order('smpl24')]):
            way, sure = pull(views, places)
            told += [GAIN * way.flatten(1), 2 * sure - 1]
        return torch.cat(told, 1)

    def _crop_size(self, like: Tensor) -> Tensor:
        """Width and height of the crop in its heights."""
        width, height = self.map_size
        return like.new_tensor([width / height, 1.])
