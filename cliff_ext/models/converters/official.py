"""Any official checkpoint to the model that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from cliff_ext.models.estimators import CLIFF, PoseNet, RootNet
from cliff_ext.models.refiners import SmoothNet, SynSP

from .cliff import convert_cliff_state_dict
from .mppe import convert_posenet_state_dict, convert_rootnet_state_dict
from .smoothnet import convert_smoothnet_state_dict
from .synsp import convert_synsp_state_dict

Converter = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], dict[str, Tensor]]
CONVERTERS: dict[type[nn.Module], Converter] = {
    CLIFF: convert_cliff_state_dict, PoseNet: convert_posenet_state_dict, RootNet: convert_rootnet_state_dict,
    SmoothNet: convert_smoothnet_state_dict, SynSP: convert_synsp_state_dict}


def convert_official(content: Mapping[str, Any], model: nn.Module) -> dict[str, Tensor]:
    """Takes an official checkpoint's content to entries that load strictly into ``model``.

    Args:
        content: The file's dictionary; the entries lie at its top or under ``model``, ``network`` or
            ``state_dict``.
        model: Ours, built for the same network.

    Raises:
        KeyMismatchError: The entries do not fit; the message lists them.
        TypeError: There is no official network of this kind.
    """
    convert = CONVERTERS.get(type(model))
    if convert is None:
        known = ', '.join(kind.__name__ for kind in CONVERTERS)
        raise TypeError(f'no official checkpoints are known for {type(model).__name__}; they are for {known}')
    state = next((content[name] for name in ('model', 'network', 'state_dict') if name in content), content)
    return convert(state, model.state_dict())
