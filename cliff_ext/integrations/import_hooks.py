"""Lazy import hooks: modules that are missing or broken on wheels-only installs get a stand-in when first imported.

Nothing is imported here; a finder at the *end* of ``sys.meta_path`` is asked only for modules that no other finder has,
so an installed module always wins. The one exception is ``xtcocotools``, whose wheel is present but broken on numpy 2:
its finder stands first and tries the real package before it steps in.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

STAND_INS = {
    'mmcv._ext': 'cliff_ext.integrations.mmcv_ops',
    'torchvision': 'cliff_ext.integrations.torchvision_stand_in',
    'torchvision.transforms': 'cliff_ext.integrations.torchvision_stand_in',
}


class StandInLoader(Loader):
    """Fills a new module with the public content of another one."""

    def __init__(self, source: str) -> None:
        self.source = source

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        importlib.import_module(self.source).fill(module)


class StandInFinder(MetaPathFinder):
    """Offers a stand-in for each name in ``stand_ins`` that no earlier finder could find."""

    def __init__(self, stand_ins: dict[str, str]) -> None:
        self.stand_ins = stand_ins

    def find_spec(self,
                  name: str,
                  path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        source = self.stand_ins.get(name)
        if source is None:
            return None
        return ModuleSpec(name, StandInLoader(source), is_package=name == 'torchvision')


class _AliasLoader(Loader):
    """Hands out an already imported module under a second name."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just overwritten __spec__ on the shared module: give the real one back.
        module.__spec__ = self.spec


class XtcocotoolsFinder(MetaPathFinder):
    """Aliases ``xtcocotools`` to ``pycocotools`` where the former is missing or does not import (numpy 2)."""

    def __init__(self) -> None:
        self.real_works: bool | None = None

    def find_spec(self,
                  name: str,
                  path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        if name.partition('.')[0] != 'xtcocotools' or self._try_real():
            return None
        alias = importlib.import_module('pycocotools' + name[len('xtcocotools'):])
        return ModuleSpec(name, _AliasLoader(alias), is_package=hasattr(alias, '__path__'))

    def _try_real(self) -> bool:
        if self.real_works is None:
            self.real_works = True  # while the real one is tried, stay out of its way
            self.real_works = self._real_imports()
        return self.real_works

    @staticmethod
    def _real_imports() -> bool:
        if PathFinder.find_spec('xtcocotools') is None:
            return False
        try:
            importlib.import_module('xtcocotools.mask')
        except (ImportError, ValueError):  # ValueError: "numpy.dtype size changed"
            for key in [k for k in sys.modules if k.partition('.')[0] == 'xtcocotools']:
                del sys.modules[key]
            return False
        return True


def install() -> None:
    """Arms the hooks once; a second call does nothing."""
    from .safe_globals import SafeGlobalsFinder
    if any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, SafeGlobalsFinder())
    sys.meta_path.insert(0, XtcocotoolsFinder())
    sys.meta_path.append(StandInFinder(STAND_INS))
