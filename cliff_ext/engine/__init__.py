"""Hooks and optimizer wrappers that MMEngine lacks."""

from .bfloat16 import BFloat16OptimWrapper
from .epoch_seed import EpochSeedHook

__all__ = ['BFloat16OptimWrapper', 'EpochSeedHook']
