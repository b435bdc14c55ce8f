"""Columns of a data set that a loader's worker processes read without copies of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch


class SharedArrays(Mapping):
    """Arrays by name: numbers, booleans and fixed-width strings.

    Forked workers see the parent's memory, and flat arrays have no reference counts that would copy it page by page. For
    workers that are started anew (``spawn``, ``forkserver``) the arrays move into shared memory when they are first pickled,
    and what is sent are handles.
    """

    def __init__(self, **arrays: np.ndarray) -> None:
        self._arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __getstate__(self) -> dict[str, Any]:
        tensors = {name: torch.from_numpy(array.view(np.int32) if array.dtype.kind == 'U' else array).share_memory_()
                   for name, array in self._arrays.items()}
        dtypes = {name: array.dtype for name, array in self._arrays.items()}
        self.__setstate__(dict(tensors=tensors, dtypes=dtypes))
        return dict(tensors=tensors, dtypes=dtypes)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._arrays = {name: tensor.numpy().view(state['dtypes'][name]) for name, tensor in state['tensors'].items()}
