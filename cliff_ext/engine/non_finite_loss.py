"""A loss that is not a number stops the training, and says on which people it happened."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from cliff_ext.io import atomic_path
from cliff_ext.registry import HOOKS


class NonFiniteLossError(FloatingPointError):
    """A loss is NaN or infinite. ``sample_ids`` are the people of the batch."""

    def __init__(self, message: str, sample_ids: list[str]) -> None:
        super().__init__(message)
        self.sample_ids = sample_ids


@HOOKS.register_module()
class NonFiniteLossHook(Hook):
    """Stops at the first loss that is NaN or infinite, before the step is saved or averaged.

    Writes ``non_finite_loss_RANK.json`` into the work dir: epoch, iteration, all losses of the step, and the ``sample_id``
    of each person of the batch. The last checkpoint is as it was; training goes on from there with ``--resume``.
    """

    priority = 'VERY_HIGH'

    def after_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                         outputs: dict | None = None) -> None:
        """Looks at the step's losses.

        Raises:
            NonFiniteLossError: One of them is not finite.
        """
        losses = {name: value for name, value in (outputs or {}).items() if isinstance(value, Tensor)}
        if not losses or torch.stack([value.detach().float().sum() for value in losses.values()]).isfinite().all():
            return
        samples = (data_batch or {}).get('data_samples', ())
        ids = [str(sample.get('sample_id', f'row {i} of the batch')) for i, sample in enumerate(samples)]
        values = {name: str(value.tolist()) for name, value in losses.items()}
        file = Path(runner.work_dir) / f'non_finite_loss_{get_rank()}.json'
        with atomic_path(file) as path:
            path.write_text(json.dumps(dict(epoch=runner.epoch + 1, iter=runner.iter + 1, losses=values, sample_ids=ids),
                                       indent=1))
        bad = ', '.join(f'{name} = {values[name]}' for name, value in losses.items() if not value.isfinite().all())
        some = ', '.join(ids[:8]) + (f' and {len(ids) - 8} more' if len(ids) > 8 else '')
        raise NonFiniteLossError(
            f'epoch {runner.epoch + 1}, iteration {runner.iter + 1}: {bad}. People of the batch: {some}; all are in {file}. '
            'Look at their annotations, or lower the learning rate; the last checkpoint is as it was', ids)
