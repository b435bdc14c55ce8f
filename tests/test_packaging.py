"""What an install may touch, and what the repository promises to ship."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cliff_ext


def names(path: Path) -> set[str]:
    lines = (line.split('#')[0].strip() for line in path.read_text().splitlines())
    return {re.split(r'[<>=!~\[ ]', line)[0].lower() for line in lines if line}


def test_a_plain_install_names_none_of_the_packages_it_must_leave_alone(repo_root):
    touchy = {'torch', 'torchvision', 'mmcv', 'mmcv-lite', 'mmengine', 'mmdet', 'mmpose', 'opencv-python', 'setuptools'}
    assert not names(repo_root / 'requirements' / 'runtime.txt') & touchy


def test_requirements_are_bounds_and_not_pins(repo_root):
    for path in (repo_root / 'requirements').glob('*.txt'):
        assert '==' not in path.read_text(), path


def test_setup_reads_version_and_extras(repo_root):
    pytest.importorskip('setuptools')
    done = subprocess.run([sys.executable, 'setup.py', '--quiet', '--version'], cwd=repo_root, capture_output=True,
                          text=True, timeout=60)
    assert done.stdout.strip().splitlines()[-1] == cliff_ext.__version__, done.stderr


@pytest.mark.parametrize('target', ['demo', 'test', 'lint', 'clean'])
def test_make_help_describes_each_target(repo_root, target):
    assert re.search(rf'^{target}:.*## \w', (repo_root / 'Makefile').read_text(), re.MULTILINE)
