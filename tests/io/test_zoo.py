import pytest

from cliff_ext.io import resolve


def test_paths_as_given_and_embedded_by_name(tmp_path):
    (tmp_path / 'a.pth').touch()
    assert resolve(tmp_path / 'a.pth', str) == tmp_path / 'a.pth'
    assert resolve('embedded:demo_cliff.pth', str).is_file()


def test_what_is_missing_says_what_to_do_or_what_ships():
    with pytest.raises(FileNotFoundError, match='checkpoint not found: a.pth. Ask for it'):
        resolve('a.pth', lambda: 'Ask for it')
    with pytest.raises(FileNotFoundError, match='ships no such file; it ships .*demo_cliff.pth'):
        resolve('embedded:none.pth', str)
