"""Npz files whose arrays hold Python objects, one array a sequence, read without running code from them."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

import numpy as np

from .smpl_file import HARMLESS, NUMPY, UnsafePickleError


class _ArrayUnpickler(pickle.Unpickler):
    """Knows numpy arrays, numbers and strings; refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        leaf = module.rpartition('.')[2]
        if (module.partition('.')[0] == 'numpy' and (leaf, name) in NUMPY) or (module, name) in HARMLESS - _RECONSTRUCTORS:
            return super().find_class(module, name)
        raise UnsafePickleError(f'it asks for {module}.{name}, which arrays of poses do not need')


_RECONSTRUCTORS = {('copy_reg', '_reconstructor'), ('copyreg', '_reconstructor')}


def load_object_arrays(path: str | Path, keys: Collection[str] | None = None) -> dict[str, np.ndarray | list[Any]]:
    """Reads an npz; object arrays become lists over their first axis, others stay arrays.

    Elements are arrays of numbers or strings (or single strings), as SmoothNet's pose files hold them.

    Args:
        path: ``.npz``.
        keys: Arrays to read, where the file has them; None for all.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: An object array holds anything but arrays, numbers and strings.
        ValueError: Not an npz.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'pose file not found: {path}')
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix('.npy') for name in archive.namelist() if name.endswith('.npy')]
            return {name: _read(path, f'{name}.npy', archive) for name in names if keys is None or name in keys}
    except zipfile.BadZipFile as error:
        raise ValueError(f'{path} is not an npz file: {error}') from error


def _read(path: Path, name: str, archive: zipfile.ZipFile) -> np.ndarray | list[Any]:
    try:
        with archive.open(name) as member:
            shape, dtype = _header(member)
            if dtype.hasobject:
                return _objects(member, shape)
        with archive.open(name) as member:
            return np.lib.format.read_array(member, allow_pickle=False)
    except UnsafePickleError as error:
        raise UnsafePickleError(f'{path}: reading {name.removesuffix(".npy")} could run code, {error}; refused. Save it '
                                'again as arrays of numbers where you trust it.') from error
    except (ValueError, EOFError, pickle.UnpicklingError, AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f'{path}: {name} is not a readable array: {error}') from error


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(member)
    return shape, dtype


def _objects(member: IO[bytes], shape: tuple[int, ...]) -> list[Any]:
    content = _ArrayUnpickler(member, encoding='latin1').load()
    if not isinstance(content, np.ndarray) or content.shape != shape:
        raise ValueError(f'expected an array of shape {shape}')
    return [_plain(element) for element in (content if content.ndim else content[None])]


def _plain(element: Any) -> Any:
    """Lists and nested object arrays of equal rows as one array."""
    if isinstance(element, (list, tuple)) or (isinstance(element, np.ndarray) and element.dtype.hasobject):
        rows = element.tolist() if isinstance(element, np.ndarray) else list(element)
        array = np.array([np.asarray(row) for row in rows]) if rows else np.array([])
        if array.dtype.hasobject:
            raise ValueError('an element is neither numbers nor strings')
        return array
    return element


def object_array(elements: list[Any]) -> np.ndarray:
    """The list as an object array (S,), whatever its elements' shapes; inverse of what :func:`load_object_arrays` does."""
    array = np.empty(len(elements), object)
    for i, element in enumerate(elements):
        array[i] = element
    return array
