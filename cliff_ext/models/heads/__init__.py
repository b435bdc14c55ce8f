"""Heads; none imports mmcv or mmdet, so they also run beside mmcv 1.x."""

from .amodal_mask_head import AmodalMaskHead
from .cliff_head import CLIFFHead, CLIFFHeadOutput
from .feedback_head import FeedbackHead
from .part_root_head import PartRootHead
from .posenet_head import PoseNetHead, PoseNetHeadOutput
from .rootnet_head import RootNetHead, RootNetHeadOutput
from .soft_argmax import soft_argmax

__all__ = [
    'AmodalMaskHead', 'CLIFFHead', 'CLIFFHeadOutput', 'FeedbackHead', 'PartRootHead', 'PoseNetHead', 'PoseNetHeadOutput',
    'RootNetHead', 'RootNetHeadOutput', 'soft_argmax'
]
