"""Official checkpoints' names to ours, strictly in both directions."""

from .cliff import convert_cliff_state_dict
from .entries import KeyMismatchError
from .mppe import convert_posenet_state_dict, convert_rootnet_state_dict
from .official import convert_official
from .smoothnet import convert_smoothnet_state_dict
from .synsp import convert_synsp_state_dict, dead_entries

__all__ = [
    'KeyMismatchError', 'convert_cliff_state_dict', 'convert_official', 'convert_posenet_state_dict',
    'convert_rootnet_state_dict', 'convert_smoothnet_state_dict', 'convert_synsp_state_dict', 'dead_entries'
]
