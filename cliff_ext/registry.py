"""Registries of cliff_ext: children of MMEngine's roots under the scope ``cliff_ext``.

A config of any OpenMMLab package can name our modules as ``cliff_ext.CLIFF``; a config with
``default_scope = 'cliff_ext'`` names them plainly.
"""

from mmengine import registry as root
from mmengine.registry import Registry

SCOPE = 'cliff_ext'


def _child(name: str, parent: Registry, *locations: str) -> Registry:
    return Registry(name, parent=parent, scope=SCOPE, locations=[f'{SCOPE}.{place}' for place in locations])


MODELS = _child('model', root.MODELS, 'models', 'body_models', 'integrations.mmpose.heads', 'integrations.mmpose.estimators')
DATASETS = _child('dataset', root.DATASETS, 'datasets')
DATA_SAMPLERS = _child('data sampler', root.DATA_SAMPLERS, 'datasets')
TRANSFORMS = _child('transform', root.TRANSFORMS, 'datasets.transforms', 'integrations.mmpose.transforms')
METRICS = _child('metric', root.METRICS, 'evaluation.metrics')
EVALUATORS = _child('evaluator', root.EVALUATOR, 'integrations.mmpose.evaluator')
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
