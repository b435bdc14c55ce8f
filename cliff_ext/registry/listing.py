"""Everything that cliff_ext registers, and which of it bears a name that another package registers too."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

ADAPTERS = ('mmpose.registry', 'mmtrack.renamed', 'mmhuman3d.registries')
"""Modules of ``cliff_ext.integrations`` with registries of their own, for packages that may not be installed."""


class Entry(NamedTuple):
    """One name in one registry, and the class behind it."""

    registry: str
    scope: str
    name: str
    where: str


class Listing(NamedTuple):
    """What a package registers, and in words what could not be looked at for want of another package."""

    entries: list[Entry]
    missing: list[str]

    @property
    def names(self) -> set[str]:
        return {entry.name for entry in self.entries}


def list_package(package: str = 'cliff_ext') -> Listing:
    """All names of ``PACKAGE.registry``, by registry and name; ours with those of the adapters."""
    missing: list[str] = []
    modules = [importlib.import_module(f'{package}.registry')]
    if package == 'cliff_ext':
        modules += _imported([f'cliff_ext.integrations.{name}' for name in ADAPTERS], missing)
    found: dict[int, Any] = {}
    for module in modules:
        for value in vars(module).values():
            if hasattr(value, 'module_dict') and (value.scope == package or module is not modules[0]):
                _fill(value, missing)
                found[id(value)] = value
    rows = {Entry(registry.name, registry.scope, name, _where(cls))
            for registry in found.values() for name, cls in registry.module_dict.items()}
    return Listing(sorted(rows), list(dict.fromkeys(missing)))


def _imported(names: Sequence[str], missing: list[str]) -> Iterator[Any]:
    for name in names:
        try:
            yield importlib.import_module(name)
        except (ImportError, RuntimeError) as error:
            missing.append(f'{name}: {error}')


def _fill(registry: Any, missing: list[str]) -> None:
    """Imports what registers itself there; mmcv 1.x's registries and those without locations need nothing."""
    list(_imported(sorted(set(getattr(registry, 'on_demand', {}).values())), missing))
    try:
        if getattr(registry, '_locations', ()):
            registry.import_from_location()
    except ImportError as error:
        missing.append(f'{registry.scope}::{registry.name}: {error}')


def _where(registered: Any) -> str:
    return f'{registered.__module__}.{getattr(registered, "__qualname__", registered)}'


def shared_names(packages: Sequence[str]) -> list[tuple[str, str]]:
    """Names of ours that a package has too, whatever the registry, with that package."""
    ours = {entry.name for entry in list_package().entries if entry.scope == 'cliff_ext'}
    return sorted((name, package) for package in packages for name in ours & list_package(package).names)


def table(rows: Sequence[Entry]) -> str:
    """Columns for a terminal."""
    lines = [tuple(field.upper() for field in Entry._fields[:3]) + ('CLASS', ), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return '\n'.join('  '.join([*(text.ljust(width) for text, width in zip(line, widths, strict=False)), line[3]])
                     for line in lines)
