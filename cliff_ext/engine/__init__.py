"""Hooks that MMEngine lacks."""

from .epoch_seed import EpochSeedHook

__all__ = ['EpochSeedHook']
