"""Hooks and optimizer wrappers that MMEngine lacks."""

from .bfloat16 import BFloat16OptimWrapper
from .channels_last import ChannelsLastHook
from .compile_modules import CompileHook
from .epoch_seed import EpochSeedHook
from .keep_eval_mode import KeepEvalModeHook
from .mesh_visualization import MeshVisualizationHook
from .non_finite_loss import NonFiniteLossError, NonFiniteLossHook

__all__ = [
    'BFloat16OptimWrapper', 'ChannelsLastHook', 'CompileHook', 'EpochSeedHook', 'KeepEvalModeHook',
    'MeshVisualizationHook', 'NonFiniteLossError', 'NonFiniteLossHook'
]
