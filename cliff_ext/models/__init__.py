"""Everything with weights: backbones, necks, heads, estimators, and the conversion of official checkpoints."""

from .backbones import ClsHRNet
from .converters import KeyMismatchError, convert_cliff_state_dict
from .estimators import CLIFF
from .fuse import fuse_for_inference
from .heads import CLIFFHead, CLIFFHeadOutput
from .necks import FlattenMap, GlobalPool

__all__ = [
    'CLIFF', 'CLIFFHead', 'CLIFFHeadOutput', 'ClsHRNet', 'FlattenMap', 'GlobalPool', 'KeyMismatchError',
    'convert_cliff_state_dict',
    'fuse_for_inference'
]
