"""Lazy import hooks: what a wheels-only install lacks or breaks gets a stand-in at the moment it is first imported.

Arming them imports nothing. Each hook asks the installed packages first, so the real thing always wins:

* ``mmcv._ext``: a finder at the *end* of ``sys.meta_path``, reached only where mmcv has no compiled extension.
* ``torchvision``: present only while ``mmpose.visualization.simcc_vis`` is being imported, and only where torchvision
  is missing; other libraries go on seeing that it is not there.
* ``xtcocotools``: see :mod:`.xtcocotools_alias`.
* ``mmtrack.registry``: see :mod:`.mmtrack_alias`.
* MMEngine's history buffer: its safe classes are registered right after it is imported, see :mod:`.safe_globals`.
* mmpose's registry: its codecs get our branch right after it is imported, see :mod:`.mmpose.registry`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from .mmtrack_alias import MmtrackFinder
from .safe_globals import HISTORY_BUFFER, register, registered_after
from .torchvision_stand_in import present_while_importing
from .xtcocotools_alias import XtcocotoolsFinder

MMCV_EXT = 'mmcv._ext'
MMPOSE_REGISTRY = 'mmpose.registry'


class MmcvExtLoader(Loader):
    """Fills ``mmcv._ext`` from :mod:`cliff_ext.integrations.mmcv_ops`."""

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        importlib.import_module('cliff_ext.integrations.mmcv_ops').fill(module)


class MmcvExtFinder(MetaPathFinder):
    """Offers the fallback for ``mmcv._ext``; stands last, so a compiled extension is found before it."""

    def find_spec(self,
                  name: str,
                  path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, MmcvExtLoader(), origin='cliff_ext') if name == MMCV_EXT else None


class _AroundLoader(Loader):
    """Runs a module's own loader inside a context, and leaves that loader on the module afterwards."""

    def __init__(self, loader: Loader, context: Callable[[], AbstractContextManager]) -> None:
        self.loader = loader
        self.context = context

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        with self.context():
            self.loader.exec_module(module)


class AroundImportFinder(MetaPathFinder):
    """Finds the named modules where they really are, but has them executed inside a context."""

    def __init__(self, contexts: dict[str, Callable[[], AbstractContextManager]]) -> None:
        self.contexts = contexts
        self._searching: set[str] = set()

    def find_spec(self,
                  name: str,
                  path: Sequence[str] | None = None,
                  target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self.contexts or name in self._searching:
            return None
        self._searching.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._searching.discard(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _AroundLoader(spec.loader, self.contexts[name])
        return spec


def branch_codecs() -> None:
    """Gives mmpose's registry of codecs, the only one that hangs under none of MMEngine's, a branch of ours."""
    importlib.import_module('cliff_ext.integrations.mmpose.registry')


@contextmanager
def codecs_branched_after() -> Iterator[None]:
    """Branches when the import it surrounds has succeeded."""
    yield
    branch_codecs()


def install() -> None:
    """Arms the hooks once; a second call does nothing."""
    if any(isinstance(finder, MmcvExtFinder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, XtcocotoolsFinder())
    sys.meta_path.insert(0, AroundImportFinder({
        HISTORY_BUFFER: registered_after,
        MMPOSE_REGISTRY: codecs_branched_after,
        'mmpose.visualization.simcc_vis': present_while_importing,
    }))
    sys.meta_path += [MmcvExtFinder(), MmtrackFinder()]
    if HISTORY_BUFFER in sys.modules:
        register()
    if MMPOSE_REGISTRY in sys.modules:
        branch_codecs()
