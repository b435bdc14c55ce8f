"""At home in mmpose 1.3: refined videos, PoseNet's head and codec, CLIFF on mmpose's data samples.

Nothing here imports mmpose before it is used, and importing this package imports nothing else: its names are looked up
when they are asked for. Configs name the registered classes as ``cliff_ext.NAME`` after
``custom_imports=dict(imports=['cliff_ext'])``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = dict(
    BoxLinker='linking', CLIFFPoseEstimator='estimators', LoadJointDepths='transforms', PoseMesh='meshes',
    RefinedEvaluator='evaluator', RefinedInferencer='inferencer', SoftArgmax3DLabel='codecs', TopdownPoseNetHead='heads',
    refine_results='results', skeleton_of='skeletons')
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_HOMES[name]}'), name)
