"""Best similarity or rigid alignment of point sets (Procrustes analysis)."""

from __future__ import annotations

import torch
from torch import Tensor


def procrustes_align(source: Tensor, target: Tensor, with_scale: bool = True) -> Tensor:
    """Moves ``source`` as close to ``target`` as rotation, translation and (optionally) scale can.

    Never mirrors: the rotation has determinant +1 [Umeyama 1991].

    Args:
        source: (..., K, D) points, D 2 or 3.
        target: (..., K, D) points, same unit.
        with_scale: Also fit one scale.

    Returns:
        (..., K, D) the moved source.
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
    aligned = centred @ rotation.mT
    if with_scale:
        spread = centred.square().sum((-2, -1)).clamp(min=1e-12)
        aligned = aligned * ((s * sign).sum(-1) / spread)[..., None, None]
    return aligned + target_mean
