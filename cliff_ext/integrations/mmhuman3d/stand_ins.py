"""What mmhuman3d imports and these environments may lack: PyTorch3D (no wheels), colormap, and torchvision for mmcv 1.x.

Each steps aside where the real package is installed. PyTorch3D's rotation functions work (:mod:`.pytorch3d_rotations`); all
else that PyTorch3D does, rendering above all, is there by name only and raises when it is called.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from cliff_ext.integrations.import_hooks import AroundImportFinder
from cliff_ext.integrations.torchvision_stand_in import present_while_importing

PACKAGES = ('pytorch3d', 'colormap')
ROTATIONS = 'pytorch3d.transforms'


class _Named(ModuleType):
    """A module of a missing package: classes to inherit from, and functions, by whatever name they are asked for."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        where = f'{self.__name__}.{name}'
        if name.startswith('_'):
            raise AttributeError(_message(where))
        if not name[0].isupper():
            return importlib.import_module(where)

        def fail(*args: Any, **kwargs: Any) -> None:
            raise ImportError(_message(where))

        value = type(name, (), dict(__init__=fail, __module__=self.__name__))
        setattr(self, name, value)
        return value

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        raise ImportError(_message(self.__name__))


def _message(where: str) -> str:
    package = where.partition('.')[0]
    return (f'{where} is needed, but {package} is not installed; cliff_ext only lets mmhuman3d be imported without it. '
            f'Install {package}.')


class _Loader(Loader):

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Named(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == ROTATIONS:
            from . import pytorch3d_rotations
            vars(module).update({name: getattr(pytorch3d_rotations, name) for name in pytorch3d_rotations.__all__})


class MissingPackageFinder(MetaPathFinder):
    """Offers the stand-ins; stands last, so installed packages are found before them."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        package = name.partition('.')[0]
        if package not in PACKAGES or (name != package and not isinstance(sys.modules[package], _Named)):
            return None
        return ModuleSpec(name, _Loader(), origin='cliff_ext', is_package=True)


def arm() -> None:
    """Arms the hooks; imports nothing."""
    sys.meta_path.append(MissingPackageFinder())
    sys.meta_path.insert(0, AroundImportFinder({'mmcv.runner.checkpoint': present_while_importing}))
