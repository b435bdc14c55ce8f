"""Everything with weights: backbones, necks, heads, estimators, refiners, and the conversion of official checkpoints."""

from typing import Any

from . import backbones
from .converters import (
    KeyMismatchError,
    convert_cliff_state_dict,
    convert_official,
    convert_posenet_state_dict,
    convert_rootnet_state_dict,
    convert_smoothnet_state_dict,
    convert_synsp_state_dict,
)
from .data_preprocessor import HumanDataPreprocessor
from .estimators import CLIFF, PoseNet, RootNet
from .fuse import fuse_for_inference
from .heads import (
    AmodalMaskHead,
    CLIFFHead,
    CLIFFHeadOutput,
    FeedbackHead,
    PartRootHead,
    PoseNetHead,
    PoseNetHeadOutput,
    RootNetHead,
    RootNetHeadOutput,
    soft_argmax,
)
from .losses import DepthAwareL1Loss, HumanMeshLoss, MotionLoss, PartLoss, RenderedHumanLoss, SurfaceLoss
from .necks import GlobalPool, PartAttention, PartFeatures, RelatedTopDown, TopDown
from .refiners import PoseRefiner, RefinerOutput, SmoothNet, SynSP, average_windows, refine_sequence, window_starts

__all__ = [
    'AmodalMaskHead', 'CLIFF', 'CLIFFHead', 'CLIFFHeadOutput', 'ClsHRNet', 'DepthAwareL1Loss', 'FeedbackHead', 'GlobalPool',
    'HumanDataPreprocessor', 'HumanMeshLoss', 'KeyMismatchError', 'MotionLoss', 'PartAttention', 'PartFeatures', 'PartLoss',
    'PartRootHead', 'PoseNet', 'PoseNetHead', 'PoseNetHeadOutput', 'PoseRefiner', 'RefinerOutput', 'RelatedTopDown',
    'RenderedHumanLoss', 'RootNet', 'RootNetHead', 'RootNetHeadOutput', 'SmoothNet', 'SurfaceLoss', 'SynSP', 'TopDown',
    'average_windows', 'convert_cliff_state_dict', 'convert_official', 'convert_posenet_state_dict',
    'convert_rootnet_state_dict', 'convert_smoothnet_state_dict', 'convert_synsp_state_dict', 'fuse_for_inference',
    'refine_sequence', 'soft_argmax', 'window_starts'
]


def __getattr__(name: str) -> Any:
    """``ClsHRNet``, the one class here that needs mmdet, when it is asked for."""
    if name == 'ClsHRNet':
        return backbones.ClsHRNet
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
