"""Official PoseNet and RootNet names to ours."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from .entries import check_entries, unwrapped


def convert_posenet_state_dict(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Takes an official PoseNet's entries [mks0601/3DMPPE_POSENET_RELEASE] to :class:`PoseNet`'s, which have the same names.

    Args:
        state: Entries of the official network, with or without ``module.``.
        wanted: Our model's ``state_dict()``.

    Returns:
        Entries that load strictly.

    Raises:
        KeyMismatchError: An entry that has no place, an entry of ours that is not filled, or one of another shape.
    """
    renamed = unwrapped(state)
    check_entries(renamed, wanted)
    return renamed


def convert_rootnet_state_dict(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """As :func:`convert_posenet_state_dict`, for RootNet [mks0601/3DMPPE_ROOTNET_RELEASE], which calls its head ``root``."""
    renamed = {'head.' + key.removeprefix('root.') if key.startswith('root.') else key: value
               for key, value in unwrapped(state).items()}
    check_entries(renamed, wanted)
    return renamed
