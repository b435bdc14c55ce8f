"""Children of mmhuman3d's registries under the scope ``cliff_ext``: names of ours cannot collide with names of theirs."""

from __future__ import annotations

from mmcv.utils import Registry
from mmhuman3d.core.post_processing.builder import POST_PROCESSING as POST_PROCESSING_ROOT
from mmhuman3d.data.datasets.builder import DATASETS as DATASETS_ROOT
from mmhuman3d.data.datasets.builder import PIPELINES as PIPELINES_ROOT
from mmhuman3d.models.body_models.builder import BODY_MODELS as BODY_MODELS_ROOT
from mmhuman3d.models.heads.builder import HEADS as HEADS_ROOT
from mmhuman3d.models.necks.builder import NECKS as NECKS_ROOT

from cliff_ext.registry import SCOPE


def _child(parent: Registry) -> Registry:
    return Registry(parent.name, parent=parent, scope=SCOPE)


HEADS = _child(HEADS_ROOT)
NECKS = _child(NECKS_ROOT)
BODY_MODELS = _child(BODY_MODELS_ROOT)
POST_PROCESSING = _child(POST_PROCESSING_ROOT)
PIPELINES = _child(PIPELINES_ROOT)
DATASETS = _child(DATASETS_ROOT)


def registered() -> dict[str, list[str]]:
    """What a config of mmhuman3d can name, by registry: ``{'heads': ['cliff_ext.CLIFFHead'], ...}``."""
    return {registry.name: [f'{SCOPE}.{name}' for name in sorted(registry.module_dict)]
            for registry in (HEADS, NECKS, BODY_MODELS, POST_PROCESSING, PIPELINES, DATASETS)}
