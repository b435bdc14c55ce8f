"""``xtcocotools`` as ``pycocotools``, where the former is missing or its wheel does not import (numpy 2).

That is enough for inference and for reading datasets. mmpose's ``CocoMetric`` passes per-joint sigmas, which
pycocotools does not take: it gets an error that names the remedy.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

REAL, ALIAS = 'xtcocotools', 'pycocotools'


def _limited_eval() -> type:
    """``COCOeval`` of pycocotools that refuses what only xtcocotools can do."""
    from pycocotools.cocoeval import COCOeval as Base

    class COCOeval(Base):

        def __init__(self, cocoGt: Any = None, cocoDt: Any = None, iouType: str = 'segm', *args: Any,  # noqa: N803
                     **kwargs: Any) -> None:
            if args or kwargs or iouType not in ('segm', 'bbox', 'keypoints'):
                raise NotImplementedError(
                    f'xtcocotools.COCOeval({iouType!r}) with sigmas or areas of its own needs the real xtcocotools, '
                    'and here pycocotools stands in for it. Build it for your numpy with: pip install wheel Cython && '
                    'pip install --no-deps --no-build-isolation --no-binary xtcocotools xtcocotools')
            super().__init__(cocoGt, cocoDt, iouType)

    return COCOeval


class _AliasLoader(Loader):
    """Hands out the module of pycocotools under its second name."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        if spec.name == f'{REAL}.cocoeval':
            return None
        self.module = importlib.import_module(ALIAS + spec.name[len(REAL):])
        self.spec = self.module.__spec__
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == f'{REAL}.cocoeval':
            from pycocotools import cocoeval
            module.Params = cocoeval.Params
            module.COCOeval = _limited_eval()
            return
        module.__spec__ = self.spec  # the import system has just overwritten the shared module's own


class XtcocotoolsFinder(MetaPathFinder):
    """Stands first, since a broken wheel is found before anything at the end; the real package is tried once."""

    def __init__(self) -> None:
        self.real_works: bool | None = None

    def find_spec(self,
                  name: str,
                  path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        if name.partition('.')[0] != REAL or self._try_real():
            return None
        original = self._find_alias(ALIAS + name[len(REAL):])
        if original is None:
            return None
        is_package = original.submodule_search_locations is not None
        return ModuleSpec(name, _AliasLoader(), origin='cliff_ext', is_package=is_package)

    @staticmethod
    def _find_alias(name: str) -> ModuleSpec | None:
        if importlib.util.find_spec(ALIAS) is None:
            return None
        return importlib.util.find_spec(name)

    def _try_real(self) -> bool:
        if self.real_works is None:
            self.real_works = True  # stay out of the way while the real one is tried
            self.real_works = self._real_imports()
        return self.real_works

    @staticmethod
    def _real_imports() -> bool:
        if PathFinder.find_spec(REAL) is None:
            return False
        try:
            importlib.import_module(f'{REAL}.mask')
        except (ImportError, ValueError):  # ValueError: "numpy.dtype size changed"
            for key in [key for key in sys.modules if key.partition('.')[0] == REAL]:
                del sys.modules[key]
            return False
        return True
