"""Mixed precision where MMEngine's own wrapper refuses to work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from torch import nn

from cliff_ext.models.bfloat16 import warn_of_slow_bfloat16
from cliff_ext.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Runs the model under autocast to bfloat16, which needs no loss scaling, on any device that has it, CPUs among them."""

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """The model's forward pass and losses."""
        device = next(model.parameters()).device
        warn_of_slow_bfloat16(device)
        with super().optim_context(model), torch.autocast(device.type, torch.bfloat16):
            yield
