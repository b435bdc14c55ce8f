"""Best similarity or rigid alignment of point sets (Procrustes analysis)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Similarity:
    """Rotation, scale and shift that move one point set onto another.

    Attributes:
        rotation: (..., D, D), determinant +1.
        scale: (...).
        center: (..., 1, D) what is turned about, in the source.
        target_center: (..., 1, D) where it goes.
    """

    rotation: Tensor
    scale: Tensor
    center: Tensor
    target_center: Tensor

    def apply(self, points: Tensor) -> Tensor:
        """Moves points (..., K, D), any K."""
        return (points - self.center) @ self.rotation.mT * self.scale[..., None, None] + self.target_center


def fit_similarity(source: Tensor, target: Tensor, with_scale: bool = True) -> Similarity:
    """What brings ``source`` as close to ``target`` as rotation, translation and (optionally) scale can.

    Never mirrors: the rotation has determinant +1 [Umeyama 1991].

    Args:
        source: (..., K, D) points, D 2 or 3.
        target: (..., K, D) points, same unit.
        with_scale: Also fit one scale.
    """
    if source.shape != target.shape or source.shape[-1] not in (2, 3):
        raise ValueError(f'source and target must both be (..., K, 2) or (..., K, 3), got {tuple(source.shape)} and '
                         f'{tuple(target.shape)}')
    source_mean, target_mean = source.mean(-2, keepdim=True), target.mean(-2, keepdim=True)
    centred, wanted = source - source_mean, target - target_mean
    u, s, vh = torch.linalg.svd(wanted.mT @ centred)
    sign = torch.ones_like(s)
    sign[..., -1] = torch.linalg.det(u @ vh).sign()
    rotation = (u * sign[..., None, :]) @ vh
    scale = torch.ones_like(s[..., 0])
    if with_scale:
        scale = (s * sign).sum(-1) / centred.square().sum((-2, -1)).clamp(min=1e-12)
    return Similarity(rotation, scale, source_mean, target_mean)


def procrustes_align(source: Tensor, target: Tensor, with_scale: bool = True) -> Tensor:
    """The source (..., K, D), moved by :func:`fit_similarity` onto the target (..., K, D)."""
    return fit_similarity(source, target, with_scale).apply(source)
