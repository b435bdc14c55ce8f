"""The error of a name that is not registered says what to write instead."""

import pytest
from mmengine.registry import DefaultScope, Registry

from cliff_ext.registry import METRICS, MODELS, TRACK_TRANSFORMS, NotRegisteredError


@pytest.fixture
def neighbour():
    """Another package's registry below the same root, with one class."""
    registry = Registry('model', parent=MODELS.parent, scope='neighbour', locations=['cliff_ext'])

    @registry.register_module()
    class Borrowed:
        pass

    yield registry
    del MODELS.parent.children['neighbour']


def message(registry: Registry, name: str) -> str:
    with pytest.raises(NotRegisteredError) as caught:
        registry.build(dict(type=name))
    assert '\n' not in str(caught.value)
    return str(caught.value)


def test_a_class_of_another_package_is_named_with_its_scope(neighbour):
    assert message(MODELS, 'Borrowed') == ("'Borrowed' is not in the cliff_ext::model registry. "
                                           "Write its scope: type='neighbour.Borrowed'.")
    assert type(MODELS.build(dict(type='neighbour.Borrowed'))).__name__ == 'Borrowed'


def test_a_wrong_scope_is_told_who_has_the_class(neighbour):
    assert "type='cliff_ext.SmoothNet'" in message(MODELS, 'neighbour.SmoothNet')


def test_a_scope_nobody_has_is_named():
    assert "No package of scope 'clif_ext' is loaded" in message(MODELS, 'clif_ext.CLIFF')


def test_a_typing_error_is_answered_with_the_nearest_name():
    assert "Did you mean 'Infill'?" in message(TRACK_TRANSFORMS, 'InFill')


def test_a_class_of_the_users_own_is_told_of_custom_imports():
    assert "custom_imports=dict(imports=['YOUR_MODULE'])" in message(TRACK_TRANSFORMS, 'MyMedian')
    assert "custom_imports=dict(imports=['YOUR_MODULE'])" in message(METRICS, 'my_project.MyMetric')


def test_another_packages_config_gets_our_message_too(neighbour):
    with DefaultScope.overwrite_default_scope('neighbour'):
        assert "Did you mean 'CLIFFHead'?" in message(neighbour, 'cliff_ext.CLIFFHeed')


def test_what_is_registered_is_found_as_ever():
    assert MODELS.get('CLIFF') is MODELS.get('cliff_ext.CLIFF')
    assert MODELS.get('BaseDataPreprocessor').__module__.startswith('mmengine')
