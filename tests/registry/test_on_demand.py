"""Classes that need another package are imported when a config asks for one of them, and not before."""

import subprocess
import sys

import pytest
from mmengine.registry import Registry

from cliff_ext.registry import ScopedRegistry


@pytest.fixture
def registry(tmp_path, monkeypatch):
    (tmp_path / 'needs_more.py').write_text('from registry_of_the_test import REGISTRY\n\n'
                                            '@REGISTRY.register_module()\nclass Late:\n    pass\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    made = ScopedRegistry('part', parent=Registry('root', scope='mmengine'), scope='ours', on_demand=dict(Late='needs_more'))
    monkeypatch.setitem(sys.modules, 'registry_of_the_test', type(sys)('registry_of_the_test'))
    sys.modules['registry_of_the_test'].REGISTRY = made
    yield made
    sys.modules.pop('needs_more', None)


@pytest.mark.parametrize('name', ['Late', 'ours.Late'])
def test_a_class_is_imported_when_it_is_named(registry, name):
    assert 'needs_more' not in sys.modules
    assert registry.get(name).__name__ == 'Late'
    assert 'needs_more' in sys.modules


def test_other_names_import_nothing(registry):
    with pytest.raises(KeyError):
        registry.get('Later')
    assert 'needs_more' not in sys.modules


def test_mmdet_is_imported_for_a_class_that_needs_it_and_not_before(repo_root):
    code = ('import sys, cliff_ext\nfrom mmengine.registry import TRANSFORMS\n'
            "TRANSFORMS.get('cliff_ext.FullFrameCrop')\n"
            "print([name for name in ('mmdet', 'mmpose', 'mmtrack') if name in sys.modules])\n"
            "TRANSFORMS.get('cliff_ext.AddHumanTruth')\nprint('mmdet' in sys.modules)")
    done = subprocess.run([sys.executable, '-W', 'ignore', '-c', code], capture_output=True, text=True, cwd=repo_root,
                          timeout=300)
    assert done.stdout.split('\n')[:2] == ['[]', 'True'], done.stderr
