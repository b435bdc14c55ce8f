"""``mmtrack.registry`` where mmtrack is not installed, so that MMEngine finds the scope that configs name.

Two modules and no more: ``mmtrack`` itself, which is empty, and its registries, see :mod:`cliff_ext.integrations.mmtrack`.
The real package is found first, also the 0.x line, which has no registry module.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PACKAGE, REGISTRY = 'mmtrack', 'mmtrack.registry'
ORIGIN = 'cliff_ext'


class _AliasLoader(Loader):
    """Fills the two modules."""

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == REGISTRY:
            vars(module).update(importlib.import_module('cliff_ext.integrations.mmtrack').ALIASES)
            return

        def missing(name: str) -> Any:
            raise AttributeError(f'mmtrack.{name}: mmtrack is not installed; cliff_ext stands in for its registries only, '
                                 'so that its configs run on the trackers of mmdet')

        module.__getattr__ = missing


class MmtrackFinder(MetaPathFinder):
    """Offers the stand-in; stands last, so an installed mmtrack is found before it."""

    def find_spec(self,
                  name: str,
                  path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        if name == PACKAGE:
            return ModuleSpec(name, _AliasLoader(), origin=ORIGIN, is_package=True)
        if name == REGISTRY and _is_stand_in(sys.modules.get(PACKAGE)):
            return ModuleSpec(name, _AliasLoader(), origin=ORIGIN)
        return None


def _is_stand_in(module: ModuleType | None) -> bool:
    return module is not None and isinstance(getattr(module.__spec__, 'loader', None), _AliasLoader)
