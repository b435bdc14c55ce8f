import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from cliff_ext.io import UnsafePickleError, load_object_arrays
from cliff_ext.io.object_arrays import object_array


def test_sequences_of_any_length_come_as_a_list(tmp_path):
    poses = [np.random.default_rng(i).normal(size=(n, 51)) for i, n in enumerate((3, 5))]
    names = [np.array(['a/1.jpg', 'a/2.jpg', 'a/3.jpg']), ['b/1.jpg'] * 5]
    np.savez(tmp_path / 'a.npz', joints_3d=object_array(poses), imgname=object_array(names), fps=np.float32(30))
    arrays = load_object_arrays(tmp_path / 'a.npz')
    assert all(np.array_equal(a, b) for a, b in zip(arrays['joints_3d'], poses, strict=True))
    assert [list(n) for n in arrays['imgname']] == [list(n) for n in names] and arrays['fps'] == 30


def test_equal_lengths_saved_as_one_object_array_are_numbers_again(tmp_path):
    np.savez(tmp_path / 'a.npz', joints_3d=np.array([np.ones((4, 6)), np.zeros((4, 6))], dtype=object))
    arrays = load_object_arrays(tmp_path / 'a.npz')
    assert [a.dtype.kind for a in arrays['joints_3d']] == ['f', 'f'] and arrays['joints_3d'][0].shape == (4, 6)


@pytest.mark.parametrize('protocol', [2, 3, 4, 5])
def test_old_and_new_pickles_of_arrays_are_read(tmp_path, protocol):
    save_pickle(tmp_path / 'a.npz', object_array([np.ones((2, 3)), np.zeros((4, 3), np.float32)]), protocol)
    assert [a.shape for a in load_object_arrays(tmp_path / 'a.npz')['x']] == [(2, 3), (4, 3)]


class Evil:
    """Writes a file when unpickled by an ordinary reader."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path, )


def save_pickle(path, array: np.ndarray, protocol: int) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, dict(descr='|O', fortran_order=False, shape=array.shape))
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('x.npy', header.getvalue() + pickle.dumps(array, protocol))


@pytest.mark.parametrize('protocol', [2, 4, 5])
def test_code_in_a_file_is_refused_and_does_not_run(tmp_path, protocol):
    trap = tmp_path / 'ran'
    save_pickle(tmp_path / 'a.npz', object_array([np.zeros(3), Evil(str(trap))]), protocol)
    with pytest.raises(UnsafePickleError, match='x could run code.*mkdir.*refused'):
        load_object_arrays(tmp_path / 'a.npz')
    assert not trap.exists()


def test_what_is_no_npz_says_so(tmp_path):
    (tmp_path / 'a.npz').write_text('hello')
    with pytest.raises(ValueError, match='not an npz'):
        load_object_arrays(tmp_path / 'a.npz')
    with pytest.raises(FileNotFoundError, match='pose file not found'):
        load_object_arrays(tmp_path / 'b.npz')
    with zipfile.ZipFile(tmp_path / 'c.npz', 'w') as archive:
        archive.writestr('x.npy', b'\x93NUMPY\x01\x00nonsense')
    with pytest.raises(ValueError, match='not a readable array'):
        load_object_arrays(tmp_path / 'c.npz')
    np.savez(tmp_path / 'd.npz', x=object_array([[{'a': 1}]]))
    with pytest.raises(ValueError, match='neither numbers nor strings'):
        load_object_arrays(tmp_path / 'd.npz')
