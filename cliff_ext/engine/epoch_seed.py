"""Training that goes on after a stop exactly as if it had not been stopped."""

from __future__ import annotations

import random

import numpy as np
import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner

from cliff_ext.registry import HOOKS


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Seeds Python, NumPy and torch at the start of every epoch from the run's seed, the epoch and the process.

    MMEngine restores weights, optimizer and schedules, but not the generators, so dropout and noise would differ after a
    resume. With this hook, checkpoints taken at the end of an epoch continue with the same losses, provided that the config
    sets ``randomness.seed`` and leaves ``persistent_workers`` off.
    """

    priority = 'VERY_HIGH'

    def before_train_epoch(self, runner: Runner) -> None:
        """Seeds for ``runner.epoch``."""
        words = np.random.SeedSequence([runner.seed, runner.epoch, get_rank()]).generate_state(3)
        random.seed(int(words[0]))
        np.random.seed(int(words[1]))
        torch.manual_seed(int(words[2]))
