"""What stands under ``mmtrack.registry``: a registry of scope ``mmtrack`` for each of mmdet's."""

from __future__ import annotations

from cliff_ext.integrations.packages import require

require('mmdet')

import mmdet.registry  # noqa: E402
from mmengine.registry import Registry  # noqa: E402

SCOPE = 'mmtrack'


class AliasRegistry(Registry):
    """A registry that has what another one has, and besides a few classes under their older names.

    Args:
        original: The other registry.
    """

    def __init__(self, original: Registry) -> None:
        super().__init__(original.name, parent=original.parent, scope=SCOPE)
        self.original = original

    def get(self, key: str) -> type:
        """A class by its older name, else the original registry's.

        Raises:
            KeyError: Neither has it.
        """
        name = key.removeprefix(f'{SCOPE}.')
        found = self._module_dict.get(name) or self.original.get(name)
        if found is None:
            raise KeyError(f'mmtrack is not installed; mmdet stands in for it and has no {self.name} {name}. mmdet took '
                           'over multi-object tracking and video instance segmentation; single-object tracking, video '
                           'detection and Tracktor need mmtrack itself')
        return found


ALIASES: dict[str, AliasRegistry] = {name: AliasRegistry(value) for name, value in vars(mmdet.registry).items()
                                     if isinstance(value, Registry) and value.scope == 'mmdet'}
"""By the name of mmdet's variable, as ``MODELS``."""
