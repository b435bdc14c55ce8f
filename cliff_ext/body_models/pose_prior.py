"""How likely a body pose is: a mixture of Gaussians, or the distance from the rest pose."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from cliff_ext.io import load_pose_prior
from cliff_ext.registry import MODELS

BODY_POSE = 69
"""SMPL's 23 body joints as axis-angle."""
OPEN_PRIOR = Path(__file__).parent / 'data' / 'open_pose_prior.npz'
"""Eight Gaussians learned from CMU's mocap (projects/pose_prior)."""


@MODELS.register_module()
class MixturePosePrior(nn.Module):
    """Negative log likelihood of a pose under the likeliest Gaussian of a mixture, as in SMPLify [Bogo et al., ECCV 2016].

    Convention:
        Value = min over m of ``0.5 d_m^2 - log(w_m) + 0.5 D log(2 pi) + log(s_m / min s)``, with d the Mahalanobis distance
        and s the square root of a covariance's determinant. All that comes from the covariances is computed in float64; in
        float32 their inverses are off by up to a fifth.

    Args:
        file: ``gmm_08.pkl`` of SMPLify, or an npz with its arrays; the mixture that ships if None.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: A pickle that could run code.
        ValueError: A file that is no mixture over 69 numbers.
    """

    def __init__(self, file: str | Path | None = None) -> None:
        super().__init__()
        content = load_pose_prior(OPEN_PRIOR if file is None else file)
        means, covars, weights = (content[key] for key in ('means', 'covars', 'weights'))
        if means.shape[1] != BODY_POSE:
            raise ValueError(f'{file}: the mixture is over {means.shape[1]} numbers, SMPL poses have {BODY_POSE}')
        root = np.linalg.cholesky(covars)
        log_size = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1)
        offset = log_size - log_size.min() - np.log(weights) + BODY_POSE / 2 * math.log(2 * math.pi)
        self.register_buffer('means', torch.from_numpy(means), persistent=False)
        self.register_buffer('whiten', torch.from_numpy(np.linalg.inv(root)), persistent=False)
        self.register_buffer('offset', torch.from_numpy(offset), persistent=False)

    def forward(self, body_pose: Tensor) -> Tensor:
        """Poses (..., 69), axis-angle in radians, to their negative log likelihood (...)."""
        means, whiten, offset = (value.to(body_pose) for value in (self.means, self.whiten, self.offset))
        centred = body_pose[..., None, :] - means
        white = torch.einsum('mij,...mj->...mi', whiten, centred)
        return (0.5 * white.square().sum(-1) + offset).amin(-1)


@MODELS.register_module()
class RestPosePrior(nn.Module):
    """Sum of squares of the pose (..., 69) -> (...): what CLIFF's demo uses in place of the mixture."""

    def forward(self, body_pose: Tensor) -> Tensor:
        return body_pose.square().sum(-1)
