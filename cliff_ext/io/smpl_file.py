"""SMPL model files as plain arrays: ``.npz``, and official ``.pkl`` read without chumpy and without running code."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import scipy.sparse

REQUIRED = ('v_template', 'f', 'shapedirs', 'posedirs', 'J_regressor', 'weights', 'kintree_table')
HARMLESS = {('copy_reg', '_reconstructor'), ('copyreg', '_reconstructor'), ('_codecs', 'encode')}
"""How old pickle protocols rebuild plain objects and byte strings."""
SPARSE = ('csc_matrix', 'csr_matrix', 'coo_matrix', 'csc_array', 'csr_array', 'coo_array')
NUMPY = {
    ('multiarray', '_reconstruct'), ('multiarray', 'scalar'), ('numeric', '_frombuffer'), ('numpy', 'ndarray'),
    ('numpy', 'dtype')
}


class UnsafePickleError(pickle.UnpicklingError):
    """A pickle asks for something that could run code; nothing of it was run."""


class _ChumpyNode:
    """Inert stand-in for a chumpy object: keeps its state, computes nothing."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = state

    def array(self) -> np.ndarray:
        """The node's value. A leaf holds ``x``; a selection ``a``, ``idxs``; a reshape ``a``, ``newshape``."""
        state = self.state
        if 'x' in state:
            return np.asarray(_plain(state['x']))
        source = np.asarray(_plain(state['a']))
        if 'idxs' in state:
            return source.ravel()[np.asarray(state['idxs'])].reshape(state['preferred_shape'])
        if 'newshape' in state:
            return source.reshape(state['newshape'])
        raise ValueError(f'unknown chumpy node with fields {sorted(state)}')


class _Unpickler(pickle.Unpickler):
    """Knows chumpy nodes (as inert stand-ins), scipy's sparse matrices and numpy arrays; refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        root, leaf = module.partition('.')[0], module.rpartition('.')[2]
        if root == 'chumpy':
            return type(name, (_ChumpyNode, ), {})
        if root == 'scipy' and module.startswith('scipy.sparse') and name in SPARSE:
            return getattr(scipy.sparse, name)
        if root == 'numpy' and (leaf, name) in NUMPY:
            return super().find_class(module, name)
        if (module, name) in HARMLESS:
            return super().find_class(module, name)
        if module in ('__builtin__', 'builtins') and name == 'object':
            return object
        raise UnsafePickleError(f'the pickle asks for {module}.{name}, which an SMPL file does not need; refused')


def _plain(value: Any) -> Any:
    if isinstance(value, _ChumpyNode):
        return value.array()
    if scipy.sparse.issparse(value):
        return value.toarray()
    return value


def load_smpl_file(path: str | Path) -> dict[str, np.ndarray]:
    """Reads a body model in SMPL's layout.

    Args:
        path: ``.npz`` (read without pickle) or official ``.pkl``.

    Returns:
        Arrays by SMPL's names; half precision is widened to float32.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: The pickle asks for anything but arrays.
        ValueError: Not an SMPL file; the message names what is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'SMPL model file not found: {path}')
    content = _read_npz(path) if path.suffix == '.npz' else _read_pickle(path)
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise ValueError(f'{path} is not an SMPL model: it has no {", ".join(missing)}')
    arrays = {key: value for key, value in content.items() if isinstance(value, np.ndarray)}
    return {key: value.astype(np.float32) if value.dtype == np.float16 else value for key, value in arrays.items()}


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as data:
            return {key: data[key] for key in data.files if data[key].dtype.kind != 'O'}
    except (ValueError, OSError, BadZipFile) as error:
        raise ValueError(f'{path} cannot be read as npz without pickle: {error}') from error


def _read_pickle(path: Path) -> dict[str, Any]:
    try:
        with path.open('rb') as file:
            content = _Unpickler(file, encoding='latin1').load()
    except UnsafePickleError as error:
        raise UnsafePickleError(f'{path}: {error}') from error
    except (pickle.UnpicklingError, EOFError, AttributeError, IndexError, KeyError) as error:
        raise ValueError(f'{path} is not a readable SMPL pickle: {error}') from error
    if not isinstance(content, dict):
        raise ValueError(f'{path} holds a {type(content).__name__}, expected a dictionary of arrays')
    return {key: _plain(value) for key, value in content.items()}
