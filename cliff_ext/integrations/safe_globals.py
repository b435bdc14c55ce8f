"""Lets MMEngine resume its own checkpoints on torch >= 2.6, which loads with ``weights_only=True``.

MMEngine stores ``HistoryBuffer`` objects and numpy scalars in the checkpoint's message hub. They hold numbers only, so
they are declared safe by name; ``weights_only`` itself stays on.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

TRIGGER = 'mmengine.logging.history_buffer'


def register() -> None:
    """Declares the few classes that MMEngine's checkpoints hold besides tensors as safe to load."""
    import numpy as np
    import torch
    from mmengine.logging.history_buffer import HistoryBuffer

    if not hasattr(torch.serialization, 'add_safe_globals'):  # torch < 2.4 has no such check to satisfy
        return
    multiarray = sys.modules.get('numpy._core.multiarray') or sys.modules['numpy.core.multiarray']
    names = [multiarray._reconstruct, multiarray.scalar]
    aliases = [(item, f'{module}.multiarray.{item.__name__}') for item in names
               for module in ('numpy.core', 'numpy._core')]
    dtypes = [type(np.dtype(code)) for code in ('f2', 'f4', 'f8', 'i1', 'i4', 'i8', 'u1', '?')]
    torch.serialization.add_safe_globals([HistoryBuffer, np.ndarray, np.dtype, *dtypes, *aliases])


class _ThenRegister(Loader):
    """Runs the real loader of MMEngine's history buffer, then registers."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        register()


class SafeGlobalsFinder(MetaPathFinder):
    """Waits for MMEngine's history buffer to be imported and registers the safe classes right after it."""

    def __init__(self) -> None:
        self.busy = False

    def find_spec(self,
                  name: str,
                  path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        if name != TRIGGER or self.busy:
            return None
        self.busy = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.busy = False
        if spec is not None and spec.loader is not None:
            spec.loader = _ThenRegister(spec.loader)
        return spec
