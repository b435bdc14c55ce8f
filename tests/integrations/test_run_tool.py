"""A package's own tools, run beside a mmcv without compiled operators."""

import sys
from pathlib import Path

import pytest

from cliff_ext.integrations import PackageError
from cliff_ext.integrations.run_tool import find_tool, main


@pytest.fixture
def package(tmp_path: Path, monkeypatch):
    """A package ``mmfake`` that brings a tool, which says what it sees."""
    tools = tmp_path / 'mmfake/.mim/tools/misc'
    tools.mkdir(parents=True)
    (tmp_path / 'mmfake/__init__.py').write_text('')
    (tmp_path / 'mmfake/version.py').write_text("__version__ = '3.2.0'\n")
    (tools / 'say.py').write_text('import sys, mmcv._ext\n'
                                  "assert __name__ == '__main__'\n"
                                  'print(sys.argv, sys.path[0])\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr('cliff_ext.integrations.packages.WANTED', {'mmfake': '>=3.1,<4', 'mmabsent': '>=1'})
    monkeypatch.setattr(sys, 'argv', list(sys.argv))
    monkeypatch.setattr(sys, 'path', list(sys.path))
    return tools


def test_a_tool_runs_with_its_arguments_as_a_script_does(package, capsys):
    main(['mmfake', 'say', 'config.py', '--flag'])
    assert capsys.readouterr().out.strip() == f"{[str(package / 'say.py'), 'config.py', '--flag']} {package}"


def test_an_unknown_tool_is_answered_with_those_there_are(package):
    with pytest.raises(FileNotFoundError, match='mmfake brings no tool sing; its tools: say'):
        find_tool('mmfake', 'sing')


def test_a_missing_package_is_named(package):
    with pytest.raises(PackageError, match='mmabsent is not installed'):
        find_tool('mmabsent', 'say')


@pytest.mark.parametrize(('words', 'answer'), [
    (('mmdet', 'sing'), 'error: mmdet brings no tool sing; its tools: '),
    (('mmfoo', 'train'), 'error: cliff_ext works beside .*mmdet.*, and mmfoo is none of them'),
    (('numpy', 'train'), 'error: cliff_ext works beside .*, and numpy is none of them')])
def test_on_the_command_line_that_is_one_line(words, answer):
    with pytest.raises(SystemExit, match=answer):
        main(words)


def test_too_few_words_are_answered_with_the_usage():
    with pytest.raises(SystemExit, match='usage:'):
        main(['mmdet'])


def test_mmdets_own_tools_are_found():
    assert find_tool('mmdet', 'test_tracking').name == 'test_tracking.py'
