"""Fine-tuning that leaves a network's statistics alone."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner

from cliff_ext.registry import HOOKS


@HOOKS.register_module()
class KeepEvalModeHook(Hook):
    """Trains in evaluation mode: batch norms use the statistics they have, and nothing is dropped out.

    The losses are then those of the network as it will be used, which is what the annotator fits. Small data sets would
    spoil the statistics besides.
    """

    priority = 'LOWEST'

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """MMEngine's loop sets training mode at each epoch; this takes it back."""
        runner.model.eval()
