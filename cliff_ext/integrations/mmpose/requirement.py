"""The one line that a missing or unfit mmpose gets."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

LOW, HIGH = (1, 3), (1, 4)
PIP = 'pip install --no-deps "mmpose>=1.3.2,<1.4"'


def require_mmpose() -> ModuleType:
    """mmpose, if its version is one that this was written for.

    Raises:
        ImportError: It is missing, cannot be imported, or is of another version.
    """
    wanted = f'cliff_ext.integrations.mmpose needs mmpose >= {_dotted(LOW)}, < {_dotted(HIGH)}'
    try:
        mmpose = import_module('mmpose')
    except ModuleNotFoundError as error:
        if error.name != 'mmpose':
            raise
        raise ImportError(f'{wanted}, and none is installed: {PIP}') from error
    version = tuple(int(part) for part in mmpose.__version__.split('.')[:2])
    if not LOW <= version < HIGH:
        raise ImportError(f'{wanted}, and {mmpose.__version__} is installed: {PIP}')
    return mmpose


def _dotted(version: tuple[int, int]) -> str:
    return '.'.join(map(str, version))
