"""A registry whose errors say how a config reaches the class it named: by scope, by ``custom_imports``, or spelt right."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from mmengine.registry import Registry

CUSTOM_IMPORTS = "custom_imports=dict(imports=['YOUR_MODULE'])"


class NotRegisteredError(KeyError):
    """A config names a class that no registry in reach has."""

    def __str__(self) -> str:
        return self.args[0]


class ScopedRegistry(Registry):
    """MMEngine's registry, except that ``get`` raises where that one returns None, and imports some classes by name.

    Args:
        on_demand: Modules of classes that are imported when they are asked for, by class name.
    """

    def __init__(self, *args: Any, on_demand: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_demand = dict(on_demand or {})

    def get(self, key: str) -> type:
        """The class of a name, with or without a scope.

        Raises:
            NotRegisteredError: Nobody has it; says who has a class of that name, and what to write.
        """
        module = self.on_demand.get(key.removeprefix(f'{self.scope}.'))
        if module is not None:
            import_module(module)
        found = super().get(key)
        if found is None:
            raise NotRegisteredError(f'{key!r} is not in the {self.scope}::{self.name} registry. {self._advice(key)}')
        return found

    def _advice(self, key: str) -> str:
        scope, name = self.split_scope_key(key)
        packages = self._get_root_registry().children
        if scope is not None and scope not in (self.scope, *packages):
            return (f'No package of scope {scope!r} is loaded: is it installed and spelt right? A module of your own needs '
                    f'{CUSTOM_IMPORTS} in the config.')
        owners = [f"type='{other}.{name}'" for other in sorted(packages) if name in packages[other].module_dict]
        if owners:
            return f'Write its scope: {" or ".join(owners)}.'
        alike = get_close_matches(name, packages.get(scope, self).module_dict, 1)
        return ((f'Did you mean {alike[0]!r}? ' if alike else '') +
                f"A class of another package needs its scope, as in type='mmdet.{name}'; one of your own needs "
                f'{CUSTOM_IMPORTS} in the config.')
