"""One check for the OpenMMLab packages that an adapter works with: is it installed, and in a version that fits?

The package itself is not imported: of a wrong version that may fail with an error that names something else. Its version
is read from its ``version.py``, not from package metadata, so the ``onedl-*`` forks count under the names they bear.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from pathlib import Path

WANTED: dict[str, str] = {
    'mmengine': '>=0.10.4,<1',
    'mmcv': '>=2.0.1,<2.4',
    'mmdet': '>=3.1,<4',
    'mmpose': '>=1.3,<1.4',
    'mmhuman3d': '>=0.11,<0.12',
}
"""The range of each package that the adapters are tested with."""

PIP: dict[str, str] = {
    'mmcv': 'pip install "mmcv-lite>=2.0.1,<2.2"',
    'mmpose': 'pip install --no-deps "mmpose>=1.3,<1.4"',
    'mmhuman3d': 'pip install --no-deps "mmhuman3d>=0.11,<0.12"',
}
"""Commands that differ from ``pip install "NAME RANGE"``: some names a dependency that does not build."""


class PackageError(RuntimeError):
    """A package is missing or of the wrong version.

    Not an ``ImportError``: MMEngine would swallow that one during ``custom_imports`` and blame ``PYTHONPATH``.
    """


def installed_version(name: str) -> str | None:
    """Version of a top-level package, without importing it; None where it is not installed."""
    spec = importlib.util.find_spec(name)
    if spec is None or not (spec.origin or spec.submodule_search_locations):
        return None
    for folder in spec.submodule_search_locations or ():
        path = Path(folder, 'version.py')
        text = path.read_text() if path.is_file() else ''
        found = re.search(r"^__version__ *= *(version\()?['\"]([^'\"]+)['\"]", text, re.M)
        if found and not found[1]:
            return found[2]
        if found:  # the forks write version('onedl-mmdetection')
            return _distribution_version(found[2])
    return _distribution_version(name)


def _distribution_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return 'unknown'


def require(name: str, wanted: str | None = None, pip: str | None = None) -> str:
    """Checks that a package is there in the wanted range; adapters call it before their first import of it.

    Args:
        name: Top-level package, as imported, e.g. ``mmdet``.
        wanted: Range as pip writes it, e.g. ``>=3.1,<4``. Default: :data:`WANTED`.
        pip: The command that helps. Default: :data:`PIP`, or a plain ``pip install`` of the range.

    Returns:
        The version found.

    Raises:
        PackageError: In one line: the package, the version found, the range wanted and the pip command; or, without
            ``wanted``, a package that :data:`WANTED` does not have.
    """
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion
    if wanted is None and name not in WANTED:
        raise PackageError(f'cliff_ext works beside {", ".join(WANTED)}, and {name} is none of them')
    pip = pip or (f'pip install "{name}{wanted}"' if wanted else PIP.get(name, f'pip install "{name}{WANTED[name]}"'))
    wanted = wanted or WANTED[name]
    found = installed_version(name)
    try:
        fits = found is not None and SpecifierSet(wanted).contains(found, prereleases=True)
    except InvalidVersion:
        fits = False
    if not fits:
        state = 'is not installed' if found is None else f'{found} is installed'
        raise PackageError(f'{name} {state}; cliff_ext needs {name}{wanted}. To get it: {pip}')
    return found
