"""Annotation pickles of data sets (3DPW, EMDB, MoSh, AGORA) as plain arrays, without pandas or running code."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .smpl_file import HARMLESS, NUMPY, UnsafePickleError

PLAIN = {('collections', 'OrderedDict'), ('builtins', 'slice'), ('__builtin__', 'slice')}
TORCH = {('torch._utils', '_rebuild_tensor_v2'), ('torch._utils', '_rebuild_parameter')}


class _PandasNode:
    """Inert stand-in for anything of pandas: keeps its arguments and its state, computes nothing."""

    args: tuple = ()
    state: Any = None

    def __new__(cls, *args: Any) -> _PandasNode:
        node = object.__new__(cls)
        node.args = args
        return node

    def __init__(self, *args: Any) -> None:
        """The arguments were kept by ``__new__``, which pickle may call alone."""

    def __setstate__(self, state: Any) -> None:
        self.state = state


def _load_storage(content: bytes) -> Any:
    """The memory of a tensor inside a pickle, brought to the CPU."""
    return torch.load(io.BytesIO(content), map_location='cpu', weights_only=True)


class _Unpickler(pickle.Unpickler):
    """Knows numpy's and torch's arrays and pandas' tables (as inert stand-ins); refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        root, leaf = module.partition('.')[0], module.rpartition('.')[2]
        if root == 'pandas':
            return type(name, (_PandasNode, ), {})
        if (module, name) == ('torch.storage', '_load_from_bytes'):
            return _load_storage
        if (root == 'numpy' and (leaf, name) in NUMPY) or (module, name) in HARMLESS | PLAIN | TORCH:
            return super().find_class(module, name)
        raise UnsafePickleError(f'it asks for {module}.{name}, which annotations do not need')


def load_data_pickle(path: str | Path) -> Any:
    """Reads a pickle of annotations.

    Args:
        path: ``.pkl`` of Python 2 or 3.

    Returns:
        Its content. Tensors become arrays, pandas' tables a dictionary from column to array of rows; columns of pandas' own
        array types (categories, nullable numbers) are left out.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: It asks for anything but arrays, numbers, strings and tables.
        ValueError: Not a readable pickle.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'annotation file not found: {path}')
    try:
        with path.open('rb') as file:
            return _plain(_Unpickler(file, encoding='latin1').load())
    except UnsafePickleError as error:
        raise UnsafePickleError(f'{path}: reading this pickle could run code, {error}; refused') from error
    except (pickle.UnpicklingError, EOFError, AttributeError, IndexError, KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f'{path} is not a readable pickle of annotations: {error}') from error


def _plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    if isinstance(value, _PandasNode):
        return _table(value) if type(value).__name__ == 'DataFrame' else value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(item) for item in value)
    return value


def _table(frame: _PandasNode) -> dict[str, np.ndarray]:
    """Columns of a table: its state holds a manager of blocks, each an array (columns, rows) and the columns' places."""
    manager = frame.state.get('_mgr', frame.state.get('_data'))
    if manager.state is None:  # pandas 1.3 and later
        blocks, axes = manager.args
        parts = [block.args[:2] for block in blocks]
    else:
        layout = manager.state[3]['0.14.1']
        axes, parts = layout['axes'], [(block['values'], block['mgr_locs']) for block in layout['blocks']]
    names = _labels(axes[0])
    columns = {}
    for values, places in parts:
        if isinstance(values, np.ndarray):
            columns.update(zip(names[places], values, strict=True))
    return columns


def _labels(index: _PandasNode) -> np.ndarray:
    """Names along an axis; pandas makes an index from its class and a dictionary with ``data``."""
    data = index.args[1]['data']
    if isinstance(data, _PandasNode):
        raise ValueError('a table whose columns are not named by plain strings')
    return np.asarray(data, object)
