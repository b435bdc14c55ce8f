"""CLIFF's regressor: image feature and box information to SMPL pose, shape and crop camera, refined a few times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import roma
import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from cliff_ext.geometry import rot6d_to_rotmat, rotmat_to_rot6d
from cliff_ext.registry import MODELS
from cliff_ext.structures import MIRROR, mirrored_order

POSE, BETAS, CAM, BBOX = 24 * 6, 10, 3, 3


@dataclass
class CLIFFHeadOutput:
    """SMPL in the camera, and the crop's weak-perspective camera.

    Attributes:
        global_orient: (N, 3, 3), camera frame.
        body_pose: (N, 23, 3, 3), relative to the parent joint.
        betas: (N, 10).
        crop_cam: (N, 3) s, tx, ty.
        pose6d: (N, 144) the 24 rotations' first two columns, before they are made orthonormal.
    """

    global_orient: Tensor
    body_pose: Tensor
    betas: Tensor
    crop_cam: Tensor
    pose6d: Tensor

    @property
    def rotmats(self) -> Tensor:
        """All 24 rotations (N, 24, 3, 3)."""
        return torch.cat([self.global_orient[:, None], self.body_pose], 1)

    def mirrored(self) -> CLIFFHeadOutput:
        """The same people in mirrored crops."""
        mirror = torch.as_tensor(MIRROR, dtype=self.betas.dtype, device=self.betas.device)
        rotmats = mirror @ self.rotmats[:, mirrored_order('smpl24')] @ mirror
        across = self.crop_cam * self.crop_cam.new_tensor([1., -1., 1.])
        return CLIFFHeadOutput(rotmats[:, 0], rotmats[:, 1:], self.betas, across, rotmat_to_rot6d(rotmats).flatten(1))

    def mean(self, other: CLIFFHeadOutput) -> CLIFFHeadOutput:
        """Half way between two answers about the same people; rotations by their chordal mean."""
        rotmats = roma.special_procrustes(self.rotmats + other.rotmats)
        betas, cam = (self.betas + other.betas) / 2, (self.crop_cam + other.crop_cam) / 2
        return CLIFFHeadOutput(rotmats[:, 0], rotmats[:, 1:], betas, cam, rotmat_to_rot6d(rotmats).flatten(1))


@MODELS.register_module()
class CLIFFHead(BaseModule):
    """Iterative error feedback with the box's place in the full frame [Li et al., CLIFF, ECCV 2022].

    Args:
        in_channels: Length of the image feature.
        hidden: Width of the two linear layers.
        iterations: Refinement steps.
        dropout: Rate after each linear layer.
        mean_params: Npz with ``pose`` (144,), ``shape`` (10,), ``cam`` (3,) to start from (SPIN's ``smpl_mean_params.npz``);
            None starts from the rest pose, upright before the camera; a checkpoint brings its own.
        act_cfg: Activation after each of the two linear layers, as ``dict(type='ReLU')``. None, as the paper's code has it,
            leaves a step linear; then the box cannot turn a body that may face anywhere, which needs a product.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, in_channels: int = 2048, hidden: int = 1024, iterations: int = 3, dropout: float = 0.5,
                 mean_params: str | Path | None = None, act_cfg: dict | None = None,
                 init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.iterations = iterations
        self.fc1 = nn.Linear(in_channels + BBOX + POSE + BETAS + CAM, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.drop = nn.Dropout(dropout)
        self.act = nn.Identity() if act_cfg is None else _activation(act_cfg)
        self.decpose, self.decshape, self.deccam = (nn.Linear(hidden, size) for size in (POSE, BETAS, CAM))
        for decoder in (self.decpose, self.decshape, self.deccam):
            nn.init.xavier_uniform_(decoder.weight, gain=0.01)
        for name, value in start_values(mean_params).items():
            self.register_buffer(name, value)

    def forward(self, feature: Tensor, bbox_info: Tensor) -> CLIFFHeadOutput:
        """Image feature (N, C) and box information (N, 3) to SMPL parameters."""
        return self.refine(feature, bbox_info)[-1]

    def refine(self, feature: Tensor, bbox_info: Tensor, iterations: int | None = None) -> list[CLIFFHeadOutput]:
        """As :meth:`forward`, the result of every step."""
        count = len(feature)
        pose, betas, cam = (start.expand(count, -1) for start in (self.init_pose, self.init_shape, self.init_cam))
        steps = []
        for _ in range(iterations or self.iterations):
            state = torch.cat([feature, bbox_info, pose, betas, cam], 1)
            state = self.drop(self.act(self.fc2(self.drop(self.act(self.fc1(state))))))
            pose, betas, cam = pose + self.decpose(state), betas + self.decshape(state), cam + self.deccam(state)
            rotmats = rot6d_to_rotmat(pose.unflatten(1, (24, 6)))
            steps.append(CLIFFHeadOutput(rotmats[:, 0], rotmats[:, 1:], betas, cam, pose))
        return steps


def _activation(config: dict) -> nn.Module:
    """Of torch by its plain name, as mmcv registers it too, which need not be there; else of the registry."""
    options = dict(config)
    found = getattr(nn, options.pop('type'), None)
    return MODELS.build(config) if found is None else found(**options)


def start_values(mean_params: str | Path | None) -> dict[str, Tensor]:
    """The head's three starting buffers, each with a leading 1; None gives the rest pose, upright before the camera."""
    if mean_params is None:
        pose = torch.tensor([1., 0., 0., 1., 0., 0.]).repeat(24)
        pose[3] = -1  # the body's y axis is up, the camera's down
        return dict(init_pose=pose[None], init_shape=torch.zeros(1, BETAS), init_cam=torch.tensor([[0.9, 0., 0.]]))
    with np.load(mean_params, allow_pickle=False) as data:
        arrays = dict(init_pose=data['pose'], init_shape=data['shape'], init_cam=data['cam'])
    for (name, value), size in zip(arrays.items(), (POSE, BETAS, CAM), strict=True):
        if value.shape != (size, ):
            raise ValueError(f'{mean_params}: {name[5:]} must have shape ({size},), got {value.shape}')
    return {name: torch.as_tensor(value, dtype=torch.float32)[None] for name, value in arrays.items()}
