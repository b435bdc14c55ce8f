"""One golden fixture: a json that describes, an npz that holds; weights and inputs made from seeds by rule."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np


@dataclass
class Check:
    """Comparison of one output. ``error`` is the largest absolute difference beyond what ``rtol`` allows, NaN if skipped."""

    fixture: str
    output: str
    error: float
    tolerance: str
    ok: bool | None

    @classmethod
    def compare(cls, fixture: str, output: str, ours: Any, wanted: Any, atol: float, rtol: float = 0.) -> Check:
        """Holds our array against the recorded one."""
        ours, wanted = np.asarray(ours, np.float64), np.asarray(wanted, np.float64)
        label = f'{atol:g}' + (f' + {rtol:g}·|x|' if rtol else '')
        if ours.shape != wanted.shape:
            return cls(fixture, f'{output}: shape {ours.shape}, wanted {wanted.shape}', math.inf, label, False)
        difference = np.abs(ours - wanted)
        ok = bool((difference <= atol + rtol * np.abs(wanted)).all())
        return cls(fixture, output, float(difference.max(initial=0)), label, ok)

    @classmethod
    def skipped(cls, fixture: str, output: str, why: str) -> Check:
        """An output that cannot be compared here."""
        return cls(fixture, f'{output}: {why}', math.nan, '', None)


class Fixture:
    """Reads ``NAME.json`` and ``NAME.npz``.

    Raises:
        FileNotFoundError: One of them is missing.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder
        self.info = json.loads((folder / f'{name}.json').read_text())
        with np.load(folder / f'{name}.npz', allow_pickle=False) as data:
            self.arrays = {key: data[key] for key in data.files}

    def tolerance(self, output: str) -> tuple[float, float]:
        """Absolute and relative tolerance of an output."""
        value = self.info['tolerance'][output]
        return (value.get('atol', 0.), value.get('rtol', 0.)) if isinstance(value, dict) else (float(value), 0.)

    def state_dict(self, computed: Mapping[str, np.ndarray] = MappingProxyType({})) -> dict[str, np.ndarray]:
        """The reference network's entries, made by the fixture's rule and checked against its sums.

        Args:
            computed: Buffers that the reference computes when it is built and the fixture does not store.

        Raises:
            ValueError: The sums differ, so the rule was not followed.
        """
        scale = self.info.get('key_scale', {})
        stored = self.arrays | dict(computed)
        names = {*self.info.get('synthetic_buffers', []), *self.info.get('kept_buffers', [])}
        state = {key: stored[key] if key in names else weight(key, shape, scale.get(key, 1.))
                 for key, shape, _ in self.info['state_dict']}
        total = sum(v.astype(np.float64).sum() for v in state.values() if v.dtype.kind == 'f')
        wanted = self.info['state_dict_checksum']['float_entry_sum_f64']
        if not math.isclose(total, wanted, rel_tol=1e-6, abs_tol=1e-3):
            raise ValueError(f'{self.name}: the weights made by rule sum to {total}, the fixture says {wanted}')
        return state

    def input(self, name: str) -> np.ndarray:
        """A recorded input, or one made by the fixture's rule."""
        spec = self.info['inputs'][name]
        return self.arrays[spec['stored_in_npz']] if 'stored_in_npz' in spec else made_input(spec)


def weight(key: str, shape: list[int], scale: float) -> np.ndarray:
    """A network entry from its name alone, as the fixtures' README defines it."""
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(key.encode())))
    if key.endswith('num_batches_tracked'):
        return np.zeros(shape, np.int64)
    if key.endswith('running_var'):
        value = 0.5 + rng.random(shape)
    elif key.endswith('running_mean'):
        value = 0.1 * rng.standard_normal(shape)
    elif len(shape) >= 2:
        value = rng.standard_normal(shape) / math.sqrt(math.prod(shape[1:]))
    elif key.endswith('weight'):
        value = 1 + 0.1 * rng.standard_normal(shape)
    else:
        value = 0.1 * rng.standard_normal(shape)
    return (value * scale).astype(np.float32)


def made_input(spec: dict[str, Any]) -> np.ndarray:
    """An input from its seed, as the fixtures' README defines it."""
    rule, shape = spec['gen'], tuple(spec['shape'])
    block = rule.get('block', 1)
    small = (*shape[:-2], shape[-2] // block, shape[-1] // block) if block > 1 else shape
    rng = np.random.Generator(np.random.PCG64(rule['seed']))
    value = rule['offset'] + rule['scale'] * getattr(rng, rule['dist'])(small)
    if block > 1:
        value = value.repeat(block, -2).repeat(block, -1)
    return value.astype(spec['dtype'])
