"""Where configs and the weights that ship lie."""

from __future__ import annotations

from pathlib import Path

from cliff_ext.io import resolve

__all__ = ['config_root', 'resolve']

PACKAGE = Path(__file__).resolve().parents[1]


def config_root() -> Path:
    """The ``configs`` folder: inside an installed package, or of the checkout."""
    inside = PACKAGE / 'configs'
    return inside if inside.is_dir() else PACKAGE.parent / 'configs'
