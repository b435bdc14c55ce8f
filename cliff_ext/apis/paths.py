"""Where configs and the weights that ship lie."""

from __future__ import annotations

from pathlib import Path

from cliff_ext.io import resolve

__all__ = ['config_file', 'config_root', 'resolve']

SHIPPED = 'cliff_ext::'
PACKAGE = Path(__file__).resolve().parents[1]


def config_root() -> Path:
    """The ``configs`` folder: inside an installed package, or of the checkout."""
    inside = PACKAGE / 'configs'
    return inside if inside.is_dir() else PACKAGE.parent / 'configs'


def config_file(name: str | Path) -> Path:
    """A config's path as given, or ``cliff_ext::FOLDER/FILE.py`` for one that ships.

    Raises:
        FileNotFoundError: No such config.
    """
    text = str(name)
    path = config_root() / text.removeprefix(SHIPPED) if text.startswith(SHIPPED) else Path(name)
    if not path.is_file():
        raise FileNotFoundError(f'config not found: {name}')
    return path
