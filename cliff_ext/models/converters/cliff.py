"""Official CLIFF names to ours."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from .entries import check_entries, unwrapped

HEAD = ('fc1', 'fc2', 'decpose', 'decshape', 'deccam', 'init_pose', 'init_shape', 'init_cam')


def convert_cliff_state_dict(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Renames an official CLIFF state dict [huawei-noah/noah-research, haofanwang/CLIFF] to :class:`CLIFF`'s entries.

    Args:
        state: Entries of the official network, with or without ``module.``.
        wanted: Our model's ``state_dict()``.

    Returns:
        Entries that load strictly.

    Raises:
        KeyMismatchError: An entry that has no place, an entry of ours that is not filled, or one of another shape.
    """
    renamed = {_rename(key): value for key, value in unwrapped(state).items()}
    check_entries(renamed, wanted)
    return renamed


def _rename(key: str) -> str:
    if key.startswith('encoder.'):
        return 'backbone.' + key.removeprefix('encoder.')
    if key.partition('.')[0] in HEAD:
        return 'head.' + key
    return key
