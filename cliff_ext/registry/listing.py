"""Everything that cliff_ext registers, and which of it bears a name that another package registers too."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmengine.registry import Registry


class Entry(NamedTuple):
    """One name in one registry, and the class behind it."""

    registry: str
    scope: str
    name: str
    where: str


def registries(package: str) -> Iterator[Registry]:
    """The registries of ``PACKAGE.registry``, filled."""
    module = importlib.import_module(f'{package}.registry')
    found = [value for value in vars(module).values() if isinstance(value, Registry) and value.scope == package]
    for registry in found:
        registry.import_from_location()
    yield from found


def entries(package: str = 'cliff_ext') -> list[Entry]:
    """All names of a package, by registry and name."""
    return sorted(
        Entry(registry.name, registry.scope, name, f'{cls.__module__}.{cls.__qualname__}')
        for registry in registries(package) for name, cls in registry.module_dict.items())


def shared_names(packages: Sequence[str]) -> list[tuple[str, str]]:
    """Names of ours that a package has too, whatever the registry, with that package."""
    ours = {entry.name for entry in entries()}
    return sorted((name, package) for package in packages for name in ours & {entry.name for entry in entries(package)})


def table(rows: Sequence[Entry]) -> str:
    """Columns for a terminal."""
    lines = [tuple(field.upper() for field in Entry._fields[:3]) + ('CLASS', ), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return '\n'.join('  '.join([*(text.ljust(width) for text, width in zip(line, widths, strict=False)), line[3]])
                     for line in lines)
