"""Registries of cliff_ext: children of MMEngine's roots under the scope ``cliff_ext``.

A config of any OpenMMLab package can name our modules as ``cliff_ext.CLIFF``; a config with
``default_scope = 'cliff_ext'`` names them plainly. ``python -m cliff_ext.registry`` lists them.

Classes that need another OpenMMLab package are named here with their module, which is imported when a config asks for one of
them and not before.
"""

from mmengine import registry as root
from mmengine.registry import Registry

from .scoped import NotRegisteredError, ScopedRegistry

__all__ = [
    'DATASETS', 'DATA_SAMPLERS', 'EVALUATORS', 'FUNCTIONS', 'HOOKS', 'INFERENCERS', 'LOOPS', 'METRICS', 'MODELS',
    'NotRegisteredError', 'OPTIMIZERS', 'OPTIM_WRAPPERS', 'OPTIM_WRAPPER_CONSTRUCTORS', 'PARAM_SCHEDULERS', 'SCOPE',
    'ScopedRegistry', 'TASK_UTILS', 'TRACK_TRANSFORMS', 'TRANSFORMS', 'VISUALIZERS'
]
SCOPE = 'cliff_ext'


def _child(name: str, parent: Registry, *locations: str, **on_demand: str) -> ScopedRegistry:
    return ScopedRegistry(name, parent=parent, scope=SCOPE, locations=[f'{SCOPE}.{place}' for place in locations],
                          on_demand={wanted: f'{SCOPE}.{place}' for wanted, place in on_demand.items()})


MODELS = _child('model', root.MODELS, 'models', 'body_models', MeshTracker='integrations.mmdet',
                MeshRoIHead='integrations.mmdet', CLIFFPoseEstimator='integrations.mmpose.estimators',
                TopdownPoseNetHead='integrations.mmpose.heads')
DATASETS = _child('dataset', root.DATASETS, 'datasets')
DATA_SAMPLERS = _child('data sampler', root.DATA_SAMPLERS, 'datasets')
FUNCTIONS = _child('function', root.FUNCTIONS, 'datasets')
TRANSFORMS = _child('transform', root.TRANSFORMS, 'datasets.transforms', AddHumanTruth='integrations.mmdet',
                    LoadJointDepths='integrations.mmpose.transforms')
METRICS = _child('metric', root.METRICS, 'evaluation.metrics', HumanTrackMetric='integrations.mmdet')
EVALUATORS = _child('evaluator', root.EVALUATOR, RefinedEvaluator='integrations.mmpose.evaluator')
HOOKS = _child('hook', root.HOOKS, 'engine')
LOOPS = _child('loop', root.LOOPS, 'engine')
VISUALIZERS = _child('visualizer', root.VISUALIZERS, 'visualization')
INFERENCERS = _child('inferencer', root.INFERENCERS, 'apis')
OPTIMIZERS = _child('optimizer', root.OPTIMIZERS)
OPTIM_WRAPPERS = _child('optim_wrapper', root.OPTIM_WRAPPERS, 'engine')
OPTIM_WRAPPER_CONSTRUCTORS = _child('optimizer wrapper constructor', root.OPTIM_WRAPPER_CONSTRUCTORS)
PARAM_SCHEDULERS = _child('parameter scheduler', root.PARAM_SCHEDULERS)
TASK_UTILS = _child('task util', root.TASK_UTILS, 'models', 'tracks')
TRACK_TRANSFORMS = ScopedRegistry('track transform', scope=SCOPE, locations=[f'{SCOPE}.tracks'])
