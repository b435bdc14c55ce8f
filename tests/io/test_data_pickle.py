from __future__ import annotations

import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch

from cliff_ext.io import UnsafePickleError
from cliff_ext.io.data_pickle import load_data_pickle


def test_arrays_tensors_and_lists_come_as_arrays(tmp_path):
    content = dict(a=[np.arange(3.), 'name', np.float64(2)], b=OrderedDict(c=torch.ones(2, requires_grad=True)),
                   d=torch.nn.Parameter(torch.zeros(1)), e=(np.array(['x', None], object), True))
    path = tmp_path / 'a.pkl'
    for protocol in (2, 4):
        path.write_bytes(pickle.dumps(content, protocol=protocol))
        found = load_data_pickle(path)
        np.testing.assert_array_equal(found['a'][0], [0, 1, 2])
        assert found['a'][1:] == ['name', 2] and found['e'][1] is True
        np.testing.assert_array_equal(found['b']['c'], [1, 1])
        assert isinstance(found['d'], np.ndarray) and found['e'][0].tolist() == ['x', None]


class Evil:
    def __reduce__(self):
        return os.getcwd, ()


def test_code_is_refused(tmp_path):
    path = tmp_path / 'evil.pkl'
    path.write_bytes(pickle.dumps(dict(a=Evil())))
    with pytest.raises(UnsafePickleError, match='getcwd'):
        load_data_pickle(path)


def test_broken_and_missing_files(tmp_path):
    path = tmp_path / 'a.pkl'
    path.write_bytes(pickle.dumps(dict(a=np.arange(100)))[:-40])
    with pytest.raises(ValueError, match='a.pkl'):
        load_data_pickle(path)
    with pytest.raises(FileNotFoundError, match='b.pkl'):
        load_data_pickle(tmp_path / 'b.pkl')
