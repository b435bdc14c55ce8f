import pickle

import numpy as np
import pytest

from cliff_ext.io import UnsafePickleError, load_pose_prior

GOOD = dict(means=np.zeros((2, 3)), covars=np.stack([np.eye(3)] * 2), weights=np.array([1., 3.]))


def test_pickle_and_npz_give_the_same(tmp_path):
    (tmp_path / 'a.pkl').write_bytes(pickle.dumps(GOOD, protocol=2))
    np.savez(tmp_path / 'a.npz', **GOOD)
    one, other = load_pose_prior(tmp_path / 'a.pkl'), load_pose_prior(tmp_path / 'a.npz')
    assert all(np.array_equal(one[key], other[key]) for key in GOOD)
    assert one['weights'].tolist() == [0.25, 0.75]


class Evil:

    def __reduce__(self):
        return print, ('ran',)


def test_a_pickle_that_could_run_code_is_refused(tmp_path, capsys):
    (tmp_path / 'a.pkl').write_bytes(pickle.dumps({**GOOD, 'extra': Evil()}))
    with pytest.raises(UnsafePickleError, match='refused'):
        load_pose_prior(tmp_path / 'a.pkl')
    assert 'ran' not in capsys.readouterr().out


@pytest.mark.parametrize('change, message', [
    (dict(covars=np.zeros((2, 2, 2))), 'do not match'),
    (dict(weights=np.array([1., -1.])), 'above 0'),
    (dict(means=np.full((2, 3), np.nan)), 'finite'),
    (dict(covars=np.stack([np.eye(3), -np.eye(3)])), 'positive definite'),
])
def test_files_that_do_not_match(tmp_path, change, message):
    np.savez(tmp_path / 'a.npz', **{**GOOD, **change})
    with pytest.raises(ValueError, match=message):
        load_pose_prior(tmp_path / 'a.npz')


def test_other_files(tmp_path):
    with pytest.raises(FileNotFoundError, match='leave it out'):
        load_pose_prior(tmp_path / 'none.pkl')
    np.savez(tmp_path / 'a.npz', means=GOOD['means'])
    with pytest.raises(ValueError, match='no covars, weights'):
        load_pose_prior(tmp_path / 'a.npz')
    (tmp_path / 'a.pkl').write_bytes(b'text')
    with pytest.raises(ValueError, match='not a readable'):
        load_pose_prior(tmp_path / 'a.pkl')
