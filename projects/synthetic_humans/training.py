"""What the training scripts share: bfloat16 where it is fast, averaged weights, a schedule, and weights on disk."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import nn

from cliff_ext.io import atomic_path, load_checkpoint, resolve
from cliff_ext.models import CLIFF
from cliff_ext.registry import MODELS

CONFIG = 'configs/cliff/cliff_res18-parts_128x96_synthetic.py'
PARTS = ('backbone', 'neck', 'head')


def fast_precision(device: str) -> torch.autocast:
    """Autocast to bfloat16; off on processors without instructions for it, where float32 is tens of times faster."""
    kind = torch.device(device).type
    return torch.autocast(kind, torch.bfloat16, enabled=kind != 'cpu' or torch.cpu._is_avx512_bf16_supported())


class MovingAverage:
    """Exponential moving average of a model's weights, with a short memory early on."""

    def __init__(self, model: nn.Module, momentum: float = 0.999) -> None:
        self.model = copy.deepcopy(model).eval()
        self.momentum = momentum
        self.steps = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Takes in the model's present weights."""
        self.steps += 1
        keep = min(self.momentum, (1 + self.steps) / (10 + self.steps))
        for mine, new in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(new, 1 - keep)
            else:
                mine.copy_(new)


def learning_rate(progress: float, peak: float, warm_up: float = 0.05) -> float:
    """Linear warm-up, then a half cosine to 1 % of the peak; ``progress`` runs from 0 to 1."""
    if progress < warm_up:
        return peak * (0.05 + 0.95 * progress / warm_up)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))))


def save_half(model: nn.Module, path: Path) -> None:
    """Writes the weights in half precision."""
    state = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    with atomic_path(path) as temporary:
        torch.save(dict(state_dict=state), temporary)


def small_cliff(checkpoint: str, parts: Sequence[str] = PARTS, options: dict[str, Any] | None = None) -> CLIFF:
    """The small CLIFF for inference, with some parts of a checkpoint; the others are new.

    Args:
        checkpoint: As inference takes them.
        parts: Of :data:`PARTS`.
        options: Changes of the config, as its ``merge_from_dict`` takes them.

    Raises:
        ValueError: A checkpoint of another network.
    """
    import mmdet.models  # noqa: F401
    config = Config.fromfile(CONFIG)
    config.merge_from_dict(options or {})
    model = MODELS.build(config.model)
    content = load_checkpoint(resolve(checkpoint, lambda: 'train it: projects/synthetic_humans/README.md'))
    state = content.get('state_dict', content)
    for name in parts:
        part = {key[len(name) + 1:]: value.float() if value.is_floating_point() else value
                for key, value in state.items() if key.startswith(f'{name}.')}
        try:
            getattr(model, name).load_state_dict(part)
        except RuntimeError as error:
            raise ValueError(f'{checkpoint} is not of {CONFIG}: {error}') from error
    return model.eval()
