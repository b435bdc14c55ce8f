"""Lets MMEngine resume its own checkpoints on torch >= 2.6, which loads with ``weights_only=True``.

MMEngine stores ``HistoryBuffer`` objects and numpy scalars in the checkpoint's message hub. They hold numbers only, so
they are declared safe by name; ``weights_only`` itself stays on. The buffers also name their own four statistics
through ``getattr``: that name gets a look-up which knows these four and nothing else.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

HISTORY_BUFFER = 'mmengine.logging.history_buffer'
STATISTICS = ('min', 'max', 'mean', 'current')
DTYPES = ('?', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8')


def _history_buffer() -> type:
    return importlib.import_module(HISTORY_BUFFER).HistoryBuffer


def statistic(owner: Any, name: str) -> Callable[..., Any]:
    """What a checkpoint's ``getattr`` may reach: ``HistoryBuffer``'s own statistics."""
    if owner is _history_buffer() and name in STATISTICS:
        return getattr(owner, name)
    raise pickle.UnpicklingError(f'The checkpoint asks for attribute {name!r} of {owner!r}; only '
                                 f'HistoryBuffer.{{{", ".join(STATISTICS)}}} may be looked up while loading.')


def _asks_for_names() -> bool:
    """Whether torch checks names by default and takes (object, name) pairs: from 2.6 on."""
    import torch
    return tuple(int(part) for part in torch.__version__.split('.')[:2]) >= (2, 6)


def register() -> None:
    """Declares the few classes that MMEngine's checkpoints hold besides tensors as safe to load."""
    if not _asks_for_names():
        return
    import numpy as np
    import torch
    rebuild_array = np.empty(0).__reduce__()[0]
    rebuild_scalar = np.float64(0).__reduce__()[0]
    pairs = [(statistic, 'builtins.getattr'), (statistic, '__builtin__.getattr')]
    for core in ('numpy.core', 'numpy._core'):
        pairs += [(rebuild_array, f'{core}.multiarray._reconstruct'), (rebuild_scalar, f'{core}.multiarray.scalar')]
    dtypes = [type(np.dtype(code)) for code in DTYPES]
    torch.serialization.add_safe_globals([_history_buffer(), np.ndarray, np.dtype, *dtypes, *pairs])


@contextmanager
def registered_after() -> Iterator[None]:
    """Registers when the import it surrounds has succeeded."""
    yield
    register()
