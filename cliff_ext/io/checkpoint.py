"""Network weights from files, without running code from them."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .smpl_file import UnsafePickleError


class CheckpointError(ValueError):
    """A checkpoint cannot be read or does not fit the model."""


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Reads a PyTorch checkpoint with ``weights_only=True`` onto the CPU.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: The file holds objects that would run code.
        CheckpointError: Not a checkpoint.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'checkpoint not found: {path}')
    with path.open('rb') as file:
        start = file.read(40)
    if start and all(32 <= byte < 127 or byte in b'\t\r\n' for byte in start):
        raise CheckpointError(f'{path} is not a PyTorch checkpoint but text that begins with {start.decode()!r}: '
                              "a web page, perhaps, or git LFS's pointer where weights were to be downloaded")
    try:
        content = torch.load(path, map_location='cpu', weights_only=True)
    except pickle.UnpicklingError as error:
        if 'Unsupported' in str(error) or 'GLOBAL' in str(error):
            asked = re.search(r'GLOBAL (\S+)', str(error))
            raise UnsafePickleError(f'{path} holds Python objects besides tensors ({asked[1] if asked else "unknown"}), and '
                                    'loading them could run code; refused. Where it was trained, save only its state_dict '
                                    'and use that file.') from error
        raise CheckpointError(f'{path} is not a PyTorch checkpoint: {error}') from error
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError) as error:
        raise CheckpointError(f'{path} is not a PyTorch checkpoint, or is cut short: {error}') from error
    if not isinstance(content, dict):
        raise CheckpointError(f'{path} holds a {type(content).__name__}, expected a dictionary of weights')
    return content


def load_weights(model: nn.Module, path: str | Path, extra_ok: bool = False) -> None:
    """Loads ``path`` into ``model``, strictly in both directions; half precision is widened to the model's type.

    Args:
        model: Gets the weights.
        path: Checkpoint with the entries at the top or under ``state_dict``.
        extra_ok: Entries that the model lacks are passed over (published detectors carry their averaged twins).

    Raises:
        CheckpointError: Keys or shapes differ; the message lists them.
    """
    content, wanted = load_checkpoint(path), model.state_dict()
    state = content.get('state_dict', content)
    missing = sorted(wanted.keys() - state.keys())
    unexpected = [] if extra_ok else sorted(state.keys() - wanted.keys())
    misshapen = [f'{key}: file {tuple(state[key].shape)}, model {tuple(wanted[key].shape)}'
                 for key in sorted(wanted.keys() & state.keys()) if state[key].shape != wanted[key].shape]
    if missing or unexpected or misshapen:
        raise CheckpointError(f'{path} does not fit {type(model).__name__}; is it the checkpoint of another model?' +
                              _listing('missing in the file', missing) + _listing('not in the model', unexpected) +
                              _listing('of another shape', misshapen))
    model.load_state_dict({key: state[key] for key in wanted})


def _listing(title: str, names: list[str], most: int = 8) -> str:
    if not names:
        return ''
    more = f'\n    … and {len(names) - most} more' if len(names) > most else ''
    return f'\n  {len(names)} {title}:' + ''.join(f'\n    {name}' for name in names[:most]) + more
