"""Strict comparison of two networks' entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from torch import Tensor

WRAPPER = 'module.'


class KeyMismatchError(ValueError):
    """A checkpoint and a model do not hold the same entries; the message lists them."""


def unwrapped(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Entries without the ``module.`` that parallel training puts before their names."""
    return {key.removeprefix(WRAPPER): value for key, value in state.items()}


def check_entries(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Makes sure that two networks have the same entries of the same shapes.

    Raises:
        KeyMismatchError: An entry that has no place, an entry of ours that is not filled, or one of another shape.
    """
    misshapen = [f'{key} {tuple(found[key].shape)} instead of {tuple(wanted[key].shape)}'
                 for key in found.keys() & wanted.keys() if found[key].shape != wanted[key].shape]
    problems = {
        'in the checkpoint without a place in the model': found.keys() - wanted.keys(),
        'in the model but not in the checkpoint': wanted.keys() - found.keys(),
        'of another shape': misshapen,
    }
    if any(problems.values()):
        raise KeyMismatchError('the checkpoint does not fit the model' + ''.join(
            _listing(title, names) for title, names in problems.items() if names))


def _listing(title: str, names: Iterable[str]) -> str:
    ordered = sorted(names)
    return f'\n{len(ordered)} {title}:\n  ' + '\n  '.join(ordered)
