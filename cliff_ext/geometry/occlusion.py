"""Who of several people in one picture hides whom, from masks of what is seen of each and of each whole body.

Source: the order of people who overlap tells depth where sizes do not [after Zhan et al., Self-Supervised Scene
De-occlusion, CVPR 2020, whose networks compare visible and amodal masks of pairs].
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

GRID = 32
"""Points across and down the area that two boxes share, in which their masks are compared."""


def occlusion_cue(masks: Tensor, bboxes: Tensor) -> Tensor:
    """How much of one another people hide.

    Where i is seen and the body of j is, i hides j; both ways are compared, as shares of the smaller one of the two bodies.

    Args:
        masks: (N, 2, h, w) from 0 to 1: how likely each cell of a person's patch shows the person, and is covered by the
            whole body, hidden parts too.
        bboxes: (N, 4) xyxy of the patches, pixels of the full image.

    Returns:
        (N, N) from -1 to 1, antisymmetric; 1 at [i, j] where i hides all there is to hide, 0 where they do not overlap.
    """
    cue = masks.new_zeros(len(masks), len(masks))
    first, second = torch.triu_indices(len(masks), len(masks), 1)
    low = torch.maximum(bboxes[first, :2], bboxes[second, :2])
    size = torch.minimum(bboxes[first, 2:], bboxes[second, 2:]) - low
    meet = (size > 0).all(1)
    if not meet.any():
        return cue
    first, second, low, size = (values[meet] for values in (first, second, low, size))
    one, other = (_shared_area(masks[i], bboxes[i], low, size) for i in (first, second))
    before, behind = ((a[:, 0] * b[:, 1]).mean((1, 2)) * size.prod(1) for a, b in ((one, other), (other, one)))
    body = masks[:, 1].mean((1, 2)) * (bboxes[:, 2:] - bboxes[:, :2]).prod(1)
    smaller = torch.minimum(body[first], body[second])
    value = ((before - behind) / smaller.clamp(min=1e-6)).clamp(-1, 1)
    cue[first, second], cue[second, first] = value, -value
    return cue


def _shared_area(masks: Tensor, bboxes: Tensor, low: Tensor, size: Tensor) -> Tensor:
    """Masks (P, 2, h, w) of patches in the areas that begin at ``low`` and are ``size`` (P, 2) large: (P, 2, GRID, GRID)."""
    steps = (torch.arange(GRID, device=masks.device) + 0.5) / GRID
    place = torch.stack(torch.meshgrid(steps, steps, indexing='xy'), -1)
    points = low[:, None, None] + place * size[:, None, None]
    within = (points - bboxes[:, None, None, :2]) / (bboxes[:, 2:] - bboxes[:, :2])[:, None, None]
    return grid_sample(masks, 2 * within - 1, align_corners=False)
