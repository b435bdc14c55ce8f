"""Where the weights that ship lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ZOO = Path(__file__).resolve().parents[1] / 'zoo'
EMBEDDED = 'embedded:'


def resolve(path: str | Path, remedy: Callable[[], str]) -> Path:
    """A checkpoint's path as given, or ``embedded:NAME`` for a file that ships with the package.

    Raises:
        FileNotFoundError: No such file; the message ends with what ``remedy`` says.
    """
    name = str(path)
    if not name.startswith(EMBEDDED):
        if not Path(name).is_file():
            raise FileNotFoundError(f'checkpoint not found: {name}. {remedy()}')
        return Path(name)
    file = ZOO / name.removeprefix(EMBEDDED)
    if not file.is_file():
        shipped = sorted(p.name for p in ZOO.iterdir()) if ZOO.is_dir() else []
        raise FileNotFoundError(f'{name}: cliff_ext ships no such file; it ships {", ".join(shipped) or "none"}')
    return file
