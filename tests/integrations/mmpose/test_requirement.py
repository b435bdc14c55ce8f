"""A missing or unfit mmpose is named in one line, with what to do."""

import sys
from types import ModuleType

import pytest

from cliff_ext.integrations.mmpose.requirement import require_mmpose


def test_the_right_version_is_returned(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmpose', ModuleType('mmpose'))
    sys.modules['mmpose'].__version__ = '1.3.9'
    assert require_mmpose() is sys.modules['mmpose']


@pytest.mark.parametrize('version', ['0.29.0', '1.2.0', '1.4.0', '2.0.0'])
def test_another_version_is_refused(monkeypatch, version):
    monkeypatch.setitem(sys.modules, 'mmpose', ModuleType('mmpose'))
    sys.modules['mmpose'].__version__ = version
    with pytest.raises(ImportError, match=rf'needs mmpose >= 1.3, < 1.4, and {version} is installed: pip install'):
        require_mmpose()


def test_a_missing_one_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmpose', None)
    with pytest.raises(ImportError, match='needs mmpose >= 1.3, < 1.4, and none is installed: pip install --no-deps'):
        require_mmpose()
