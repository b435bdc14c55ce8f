"""Files of pose priors: mixtures of Gaussians as SMPLify's ``gmm_08.pkl`` or the same arrays as npz, read without running
code."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np

from .object_arrays import ArrayUnpickler
from .smpl_file import UnsafePickleError

KEYS = ('means', 'covars', 'weights')


def load_pose_prior(path: str | Path) -> dict[str, np.ndarray]:
    """Reads a mixture of Gaussians over SMPL's body pose.

    Args:
        path: ``.npz`` (read without pickle) or ``.pkl`` of a dictionary.

    Returns:
        ``means`` (M, D), ``covars`` (M, D, D) symmetric and positive definite, ``weights`` (M,) that sum to 1, all float64.

    Raises:
        FileNotFoundError: No such file.
        UnsafePickleError: The pickle asks for anything but arrays.
        ValueError: Not such a mixture; the message says what is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'pose prior not found: {path}; leave it out to use the one that ships')
    content = _read(path)
    missing = [key for key in KEYS if key not in content]
    if missing:
        raise ValueError(f'{path} is not a mixture of Gaussians: it has no {", ".join(missing)}')
    means, covars, weights = (np.asarray(content[key], np.float64) for key in KEYS)
    count, size = means.shape if means.ndim == 2 else (0, 0)
    if not count or covars.shape != (count, size, size) or weights.shape != (count, ):
        raise ValueError(f'{path}: means (M, D), covars (M, D, D) and weights (M,) do not match, got {means.shape}, '
                         f'{covars.shape}, {weights.shape}')
    if not all(np.isfinite(value).all() for value in (means, covars, weights)) or (weights <= 0).any():
        raise ValueError(f'{path}: means and covars must be finite, weights finite and above 0')
    if np.linalg.eigvalsh(covars).min() <= 0:
        raise ValueError(f'{path}: a covariance is not positive definite')
    return dict(means=means, covars=covars, weights=weights / weights.sum())


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        if path.suffix == '.npz':
            with np.load(path, allow_pickle=False) as data:
                return {key: data[key] for key in KEYS if key in data}
        with path.open('rb') as file:
            content = ArrayUnpickler(file, encoding='latin1').load()
    except UnsafePickleError as error:
        raise UnsafePickleError(f'{path}: reading it could run code, {error}; refused') from error
    except (ValueError, OSError, EOFError, pickle.UnpicklingError, AttributeError, IndexError, KeyError) as error:
        raise ValueError(f'{path} is not a readable pose prior: {error}') from error
    if not isinstance(content, dict):
        raise ValueError(f'{path} holds a {type(content).__name__}, expected a dictionary with {", ".join(KEYS)}')
    return content
