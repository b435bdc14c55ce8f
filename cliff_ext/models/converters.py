"""Official checkpoints' names to ours, strictly in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import Tensor

WRAPPER = 'module.'
HEAD = ('fc1', 'fc2', 'decpose', 'decshape', 'deccam', 'init_pose', 'init_shape', 'init_cam')


class KeyMismatchError(ValueError):
    """A checkpoint and a model do not hold the same entries; the message lists them."""


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
    renamed = {_rename(key.removeprefix(WRAPPER)): value for key, value in state.items()}
    misshapen = [f'{key} {tuple(renamed[key].shape)} instead of {tuple(wanted[key].shape)}'
                 for key in renamed.keys() & wanted.keys() if renamed[key].shape != wanted[key].shape]
    problems = {
        'in the checkpoint without a place in the model': renamed.keys() - wanted.keys(),
        'in the model but not in the checkpoint': wanted.keys() - renamed.keys(),
        'of another shape': misshapen,
    }
    if any(problems.values()):
        raise KeyMismatchError('the checkpoint does not fit the model' + ''.join(
            _listing(title, names) for title, names in problems.items() if names))
    return renamed


def _rename(key: str) -> str:
    if key.startswith('encoder.'):
        return 'backbone.' + key.removeprefix('encoder.')
    if key.partition('.')[0] in HEAD:
        return 'head.' + key
    return key


def _listing(title: str, names: Iterable[str]) -> str:
    ordered = sorted(names)
    return f'\n{len(ordered)} {title}:\n  ' + '\n  '.join(ordered)
