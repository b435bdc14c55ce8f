"""Official SmoothNet names to ours."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from .entries import check_entries, unwrapped

FILTER = 'smoothnet.'
PARTS = {'encoder.0.': 'encoder.', 'res_blocks.': 'blocks.', '.linear1.': '.down.', '.linear2.': '.up.'}


def convert_smoothnet_state_dict(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Renames a SmoothNet state dict [cure-lab/SmoothNet, mmpose 0.25+, mmhuman3d] to :class:`SmoothNet`'s entries.

    All three name their entries alike; mmhuman3d's network is larger by default (``res_hidden_size=512``,
    ``num_blocks=5``), which the config has to say.

    Args:
        state: Entries of the network, with or without ``module.``, or of mmpose's filter around it (``smoothnet.``).
        wanted: Our model's ``state_dict()``.

    Returns:
        Entries that load strictly.

    Raises:
        KeyMismatchError: An entry that has no place, an entry of ours that is not filled, or one of another shape.
    """
    renamed = {_rename(key.removeprefix(FILTER)): value for key, value in unwrapped(state).items()}
    check_entries(renamed, wanted)
    return renamed


def _rename(key: str) -> str:
    for theirs, ours in PARTS.items():
        key = key.replace(theirs, ours)
    return key
