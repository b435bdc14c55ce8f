"""Errors of roots and joints in the camera, as 3DMPPE and Human3.6M's protocols count them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from cliff_ext.geometry import procrustes_align


def h36m_errors(points: Tensor, truth: Tensor, protocol: int, scored: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Errors of Human3.6M's protocols 1 and 2.

    Protocol 1 turns and moves each person onto the truth, with all joints and without scale, as 3DMPPE does (its "PA
    MPJPE"; others fit a scale too). Protocol 2 leaves the root-relative joints as they are.

    Args:
        points: (N, K, 3) root-relative, metres.
        truth: (N, K, 3) root-relative, metres.
        protocol: 1 or 2.
        scored: Joints that count.

    Returns:
        The compared joints (N, k, 3), metres, and their errors (N, k), mm.

    Raises:
        ValueError: Another protocol.
    """
    if protocol not in (1, 2):
        raise ValueError(f'Human3.6M has protocols 1 and 2, got {protocol}')
    moved = procrustes_align(points.double(), truth.double(), with_scale=False) if protocol == 1 else points
    moved, truth = moved[:, list(scored)], truth[:, list(scored)]
    return moved, (moved - truth).norm(dim=-1) * 1e3


def root_errors(roots: Tensor, truth: Tensor) -> dict[str, Tensor]:
    """How far roots (N, 3), metres, lie from true ones: ``mrpe``, and along the axes ``mrpe_x``, ``_y``, ``_z``, (N,) mm.

    Their means are MRPE [Moon et al., ICCV 2019].
    """
    offset = (roots - truth) * 1e3
    x, y, z = offset.abs().unbind(-1)
    return dict(mrpe=offset.norm(dim=-1), mrpe_x=x, mrpe_y=y, mrpe_z=z)


def root_average_precision(found: Sequence[np.ndarray], scores: Sequence[np.ndarray], truth: Sequence[np.ndarray],
                           threshold: float = 0.25) -> float:
    """AP of roots: a found root is right if the nearest true one of its image is near enough and not yet taken.

    Images without true people are left out. The first step of the recall counts, which 3DMPPE's sum leaves out.

    Args:
        found: For each image, roots (P, 3), metres.
        scores: For each image, (P,).
        truth: For each image, roots (G, 3), metres.
        threshold: Metres.

    Returns:
        In [0, 1]; NaN where no image has true people.
    """
    total = sum(len(true) for true in truth)
    if not total:
        return float('nan')
    order = sorted(((score, image, row) for image, values in enumerate(scores) if len(truth[image])
                    for row, score in enumerate(values)), key=lambda entry: -entry[0])
    taken: set[tuple[int, int]] = set()
    right = np.zeros(len(order), bool)
    for place, (_, image, row) in enumerate(order):
        distance = np.linalg.norm(truth[image] - found[image][row], axis=1)
        nearest = int(distance.argmin())
        right[place] = distance[nearest] < threshold and (image, nearest) not in taken
        if right[place]:
            taken.add((image, nearest))
    hits = right.cumsum()
    precision, recall = hits / np.arange(1, len(order) + 1), hits / total
    return float((precision * np.diff(recall, prepend=0)).sum())


def depth_order_accuracy(depths: Tensor, truth: Tensor, margin: float = 0.) -> tuple[int, int]:
    """How many pairs of people of one image are in the right order of depth.

    Args:
        depths: (P,) metres, of the people of one image.
        truth: (P,) metres.
        margin: Pairs that are truly closer in depth than this are left out, metres.

    Returns:
        Right pairs, and pairs.
    """
    true_gap = truth[:, None] - truth[None]
    counted = torch.triu(true_gap.abs() > margin, diagonal=1)
    right = (depths[:, None] - depths[None]).sign() == true_gap.sign()
    return int((right & counted).sum()), int(counted.sum())
