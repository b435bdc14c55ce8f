import os
import pickle
import sys
import types

import numpy as np
import pytest
import scipy.sparse

from cliff_ext.io import UnsafePickleError, load_smpl_file


@pytest.fixture
def chumpy(monkeypatch):
    """Classes named as chumpy's, gone again before the file is read."""
    module, reordering = types.ModuleType('chumpy.ch'), types.ModuleType('chumpy.reordering')
    root = types.ModuleType('chumpy')

    class Ch:
        def __init__(self, **state):
            self.__dict__.update(state)

    leaf = type('Ch', (Ch, ), {'__module__': 'chumpy.ch', '__qualname__': 'Ch'})
    select = type('Select', (Ch, ), {'__module__': 'chumpy.reordering', '__qualname__': 'Select'})
    reshape = type('Reshape', (Ch, ), {'__module__': 'chumpy.reordering', '__qualname__': 'Reshape'})
    module.Ch, reordering.Select, reordering.Reshape = leaf, select, reshape
    for name, value in (('chumpy', root), ('chumpy.ch', module), ('chumpy.reordering', reordering)):
        monkeypatch.setitem(sys.modules, name, value)
    return types.SimpleNamespace(Ch=leaf, Select=select, Reshape=reshape)


def arrays() -> dict:
    return dict(v_template=np.zeros((4, 3)), f=np.zeros((2, 3), np.uint32), shapedirs=np.zeros((4, 3, 10)),
                posedirs=np.zeros((4, 3, 207)), J_regressor=np.zeros((24, 4)), weights=np.zeros((4, 24)),
                kintree_table=np.zeros((2, 24), np.int64))


@pytest.mark.parametrize('protocol', [0, 2, 4])
def test_official_pickle_is_read_without_chumpy(tmp_path, chumpy, monkeypatch, protocol):
    leaf = chumpy.Ch(x=np.arange(120.).reshape(4, 3, 10))
    content = arrays() | dict(
        shapedirs=chumpy.Select(a=leaf, idxs=np.arange(60), preferred_shape=(4, 3, 5)),
        weights=chumpy.Reshape(a=chumpy.Ch(x=np.arange(96.)), newshape=(4, 24)),
        J_regressor=scipy.sparse.csc_matrix(np.eye(24)[:, :4]), bs_style='lbs')
    (tmp_path / 'a.pkl').write_bytes(pickle.dumps(content, protocol=protocol))
    for name in ('chumpy', 'chumpy.ch', 'chumpy.reordering'):
        monkeypatch.delitem(sys.modules, name)
    loaded = load_smpl_file(tmp_path / 'a.pkl')
    assert np.array_equal(loaded['shapedirs'], np.arange(60.).reshape(4, 3, 5))
    assert np.array_equal(loaded['weights'], np.arange(96.).reshape(4, 24))
    assert np.array_equal(loaded['J_regressor'], np.eye(24)[:, :4])
    assert 'chumpy' not in sys.modules


def test_a_pickle_that_would_run_code_is_refused_and_named(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.system, (f'touch {tmp_path}/went_off', )

    (tmp_path / 'a.pkl').write_bytes(pickle.dumps(arrays() | {'betas': Bomb()}))
    with pytest.raises(UnsafePickleError, match=r'a\.pkl.*system'):
        load_smpl_file(tmp_path / 'a.pkl')
    assert not (tmp_path / 'went_off').exists()


def test_npz_widens_half_precision_and_never_unpickles(tmp_path):
    np.savez(tmp_path / 'a.npz', **arrays() | {'posedirs': np.ones((4, 3, 207), np.float16)})
    assert load_smpl_file(tmp_path / 'a.npz')['posedirs'].dtype == np.float32
    np.savez(tmp_path / 'b.npz', **arrays() | {'names': np.array([{}], dtype=object)})
    with pytest.raises(ValueError, match='without pickle'):
        load_smpl_file(tmp_path / 'b.npz')


def test_what_is_no_smpl_file_says_what_is_missing(tmp_path):
    np.savez(tmp_path / 'a.npz', v_template=np.zeros((4, 3)))
    with pytest.raises(ValueError, match='has no f, shapedirs'):
        load_smpl_file(tmp_path / 'a.npz')
    (tmp_path / 'b.pkl').write_bytes(b'\x80\x04K')
    with pytest.raises(ValueError, match='b.pkl'):
        load_smpl_file(tmp_path / 'b.pkl')
    with pytest.raises(FileNotFoundError):
        load_smpl_file(tmp_path / 'c.pkl')


def test_a_truncated_npz_is_named(tmp_path):
    np.savez(tmp_path / 'whole.npz', v_template=np.zeros((100, 3)))
    (tmp_path / 'cut.npz').write_bytes((tmp_path / 'whole.npz').read_bytes()[:200])
    with pytest.raises(ValueError, match='cut.npz'):
        load_smpl_file(tmp_path / 'cut.npz')
