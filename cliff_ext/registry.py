"""Registries of cliff_ext: children of MMEngine's roots under the scope ``cliff_ext``.

A config of any OpenMMLab package can name our modules as ``cliff_ext.CLIFF``; a config with
``default_scope = 'cliff_ext'`` names them plainly.

Classes that need another OpenMMLab package are named here with their module, which is imported when a config asks for one of
them and not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from mmengine import registry as root
from mmengine.registry import Registry

SCOPE = 'cliff_ext'


class OnDemandRegistry(Registry):
    """A registry that imports the modules of some classes when they are asked for by name.

    Args:
        on_demand: Module of each such class.
    """

    def __init__(self, *args: Any, on_demand: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_demand = dict(on_demand)

    def get(self, key: str) -> type | None:
        """As MMEngine's."""
        name = key.removeprefix(f'{SCOPE}.') if isinstance(key, str) else key
        if name in self.on_demand:
            import_module(self.on_demand[name])
        return super().get(key)


def _child(name: str, parent: Registry, *locations: str, **on_demand: str) -> Registry:
    places = [f'{SCOPE}.{place}' for place in locations]
    modules = {wanted: f'{SCOPE}.{place}' for wanted, place in on_demand.items()}
    return OnDemandRegistry(name, parent=parent, scope=SCOPE, locations=places, on_demand=modules)


MODELS = _child('model', root.MODELS, 'models', 'body_models', MeshTracker='integrations.mmdet',
                MeshRoIHead='integrations.mmdet')
DATASETS = _child('dataset', root.DATASETS, 'datasets')
DATA_SAMPLERS = _child('data sampler', root.DATA_SAMPLERS, 'datasets')
TRANSFORMS = _child('transform', root.TRANSFORMS, 'datasets.transforms', AddHumanTruth='integrations.mmdet',
                    KeepFrame='integrations.mmdet')
METRICS = _child('metric', root.METRICS, 'evaluation.metrics', HumanTrackMetric='integrations.mmdet')
HOOKS = _child('hook', root.HOOKS, 'engine')
LOOPS = _child('loop', root.LOOPS, 'engine')
VISUALIZERS = _child('visualizer', root.VISUALIZERS, 'visualization')
INFERENCERS = _child('inferencer', root.INFERENCERS, 'apis')
OPTIMIZERS = _child('optimizer', root.OPTIMIZERS)
OPTIM_WRAPPERS = _child('optim_wrapper', root.OPTIM_WRAPPERS, 'engine')
OPTIM_WRAPPER_CONSTRUCTORS = _child('optimizer wrapper constructor', root.OPTIM_WRAPPER_CONSTRUCTORS)
PARAM_SCHEDULERS = _child('parameter scheduler', root.PARAM_SCHEDULERS)
TASK_UTILS = _child('task util', root.TASK_UTILS, 'models', 'tracks')
TRACK_TRANSFORMS = Registry('track transform', scope=SCOPE, locations=[f'{SCOPE}.tracks'])
