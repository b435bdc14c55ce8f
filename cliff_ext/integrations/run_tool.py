"""Runs the tools that OpenMMLab's packages bring along where mmcv has no compiled operators.

Such a tool imports its package before it reads the config whose ``custom_imports`` name cliff_ext, and without cliff_ext the
wheel ``mmcv-lite`` stops that import. Beside a compiled mmcv the tools need no help.

    python -m cliff_ext.integrations.run_tool mmdet test_tracking CONFIG [ARGUMENTS]
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from .packages import PackageError, require


def find_tool(package: str, name: str) -> Path:
    """The script ``NAME.py`` of an installed package's tools.

    Raises:
        PackageError: The package is missing or of an unfit version.
        FileNotFoundError: It has no such tool; the message lists those that it has.
    """
    require(package)
    home = Path(importlib.util.find_spec(package).submodule_search_locations[0])
    tools = sorted((home / '.mim/tools').rglob('*.py'))
    found = [file for file in tools if file.stem == name]
    if not found:
        known = ', '.join(dict.fromkeys(file.stem for file in tools)) or 'none'
        raise FileNotFoundError(f'{package} brings no tool {name}; its tools: {known}')
    return found[0]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs a tool as ``python TOOL ARGUMENTS`` would."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if len(arguments) < 2:
        raise SystemExit('usage: python -m cliff_ext.integrations.run_tool PACKAGE TOOL [ARGUMENTS]')
    package, name, *rest = arguments
    try:
        tool = find_tool(package, name.removesuffix('.py'))
    except (PackageError, FileNotFoundError) as error:
        raise SystemExit(f'error: {error}') from None
    sys.argv = [str(tool), *rest]
    sys.path[0] = str(tool.parent)
    runpy.run_path(str(tool), run_name='__main__')


if __name__ == '__main__':
    main()
