"""Where random transforms draw from, so that runs can be repeated and workers differ."""

from __future__ import annotations

import numpy as np
from torch.utils.data import get_worker_info

_generators: dict[int, np.random.Generator] = {}
"""The generator of this worker process, by its seed."""


def random_generator() -> np.random.Generator:
    """A generator for one sample.

    In a data loader's worker it is the worker's own, seeded by the loader's (so ``EpochSeedHook`` repeats it); elsewhere it
    is seeded from NumPy's global state.
    """
    worker = get_worker_info()
    if worker is None:
        return np.random.default_rng(np.random.randint(2**31, size=4))
    if worker.seed not in _generators:
        _generators.clear()
        _generators[worker.seed] = np.random.default_rng(worker.seed)
    return _generators[worker.seed]
