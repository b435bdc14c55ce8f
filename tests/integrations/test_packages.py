"""A package that is missing or of the wrong version is named in one line, with what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from cliff_ext.integrations import PackageError, require
from cliff_ext.integrations.packages import WANTED, installed_version


@pytest.fixture
def package(tmp_path: Path, monkeypatch):
    """Makes a package ``mmfake`` of a version; importing it fails, as a wrong version of mmdet does."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(version_line: str | None) -> None:
        (tmp_path / 'mmfake').mkdir()
        (tmp_path / 'mmfake/__init__.py').write_text('raise AssertionError("MMCV is used but incompatible")\n')
        if version_line is not None:
            (tmp_path / 'mmfake/version.py').write_text(f'# Copyright\n{version_line}\n')

    return make


@pytest.mark.parametrize('name', ['mmengine', 'mmcv', 'mmdet', 'mmpose'])
def test_what_is_installed_here_fits_and_is_what_the_package_says(name):
    assert require(name) == installed_version(name)
    code = f'import cliff_ext, {name}; print({name}.__version__)'
    if name in ('mmengine', 'mmcv'):  # quick to import
        done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == require(name)


def test_a_missing_package_is_named_with_range_and_command():
    with pytest.raises(PackageError) as caught:
        require('mmfake_missing', '>=3.1,<4')
    assert str(caught.value) == ('mmfake_missing is not installed; cliff_ext needs mmfake_missing>=3.1,<4. '
                                 'To get it: pip install "mmfake_missing>=3.1,<4"')


@pytest.mark.parametrize('line', ["__version__ = '2.28.2'", '__version__ = "2.28.2"  # old'])
def test_a_wrong_version_is_named_without_importing_the_package(package, line):
    package(line)
    with pytest.raises(PackageError) as caught:
        require('mmfake', '>=3.1,<4', pip='pip install --no-deps mmfake')
    assert str(caught.value) == ('mmfake 2.28.2 is installed; cliff_ext needs mmfake>=3.1,<4. '
                                 'To get it: pip install --no-deps mmfake')
    assert 'mmfake' not in sys.modules


@pytest.mark.parametrize('version', ['3.1.0', '3.4.0rc1', '3.9'])
def test_a_version_within_the_range_passes(package, version):
    package(f"__version__ = '{version}'")
    assert require('mmfake', '>=3.1,<4') == version


def test_a_fork_names_the_distribution_that_knows_its_version(package):
    package("from importlib.metadata import version\n\n__version__ = version('pytest')")
    assert require('mmfake', '>=8') == pytest.__version__


@pytest.mark.parametrize('line', [None, "__version__ = 'main'", "__version__ = version('no-such-distribution')"])
def test_a_version_that_cannot_be_read_does_not_pass(package, line):
    package(line)
    with pytest.raises(PackageError, match='unknown is installed|main is installed'):
        require('mmfake', '>=3.1,<4')


def test_mmpose_is_named_with_no_deps(monkeypatch):
    monkeypatch.setattr('cliff_ext.integrations.packages.installed_version', lambda name: None)
    with pytest.raises(PackageError, match=r'pip install --no-deps "mmpose>=1.3,<1.4"$'):
        require('mmpose')


@pytest.mark.parametrize('name', sorted(WANTED))
def test_every_message_is_one_line(monkeypatch, name):
    monkeypatch.setattr('cliff_ext.integrations.packages.installed_version', lambda name: '0.0.1')
    with pytest.raises(PackageError) as caught:
        require(name)
    message = str(caught.value)
    assert '\n' not in message and f'{name} 0.0.1' in message and WANTED[name] in message and 'pip install' in message


def test_mmengine_does_not_hide_the_line_during_custom_imports(tmp_path: Path, monkeypatch):
    from mmengine.config import Config
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / 'adapter_of_mmfake.py').write_text(
        "from cliff_ext.integrations import require\nrequire('mmfake_missing', '>=1')\n")
    (tmp_path / 'config.py').write_text("custom_imports = dict(imports=['adapter_of_mmfake'])\n")
    with pytest.raises(PackageError, match='mmfake_missing is not installed'):
        Config.fromfile(tmp_path / 'config.py')
