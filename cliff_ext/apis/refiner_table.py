"""Networks and tuned classical filters on the same noisy motion: the table of what each of them brings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from cliff_ext.datasets import PoseSequenceDataset
from cliff_ext.evaluation.functional import acceleration_distances, point_distances
from cliff_ext.evaluation.metrics import PoseSequenceMetric
from cliff_ext.registry import DATASETS, METRICS, TRACK_TRANSFORMS

from .motion import build_refiner

Refine = Callable[[Tensor], Tensor]
GRIDS: dict[str, dict[str, Sequence[Any]]] = {
    'SavitzkyGolay': dict(window=(5, 7, 9, 11, 15, 21, 31, 41), order=(1, 2, 3)),
    'Gaussian1D': dict(sigma=(0.5, 0.8, 1., 1.3, 1.6, 2., 2.5, 3., 4., 5., 7.)),
    'OneEuro': dict(min_cutoff=(0.02, 0.04, 0.08, 0.12, 0.16, 0.24), beta=(0., 0.3, 0.7, 1.5, 3., 6.)),
}
"""What is tried of each filter's settings."""


@dataclass
class TableRow:
    """One method at one strength of noise.

    Attributes:
        strength: Of the noise.
        method: ``input``, a network's name, or a filter with the settings that won on the training subjects.
        figures: Means over all frames, as the config's metric names them.
        frames_per_second: Speed of the method alone; infinite for the input.
    """

    strength: float
    method: str
    figures: dict[str, float]
    frames_per_second: float


@dataclass
class NoisySequence:
    """(T, C) float32 each."""

    noisy: Tensor
    truth: Tensor


def noisy_sequences(dataset: dict, strength: float, file: str | None = None) -> tuple[list[NoisySequence], dict]:
    """The sequences of a data set's config with its noise at another strength, and its metainfo.

    Args:
        dataset: Config of a :class:`PoseSequenceDataset` without windows, whose pipeline has a seeded ``EstimatorNoise``.
        strength: Of the noise.
        file: Another file for a flat layout.

    Raises:
        ValueError: The pipeline's noise is missing or has no seed, so the figures could not be repeated.
    """
    config = Config(dict(dataset=dataset)).dataset.to_dict()
    noise = [step for step in config['pipeline'] if step['type'].endswith('EstimatorNoise')]
    if not noise or noise[0].get('seed') is None:
        raise ValueError('the test pipeline needs dict(type="EstimatorNoise", …, seed=0), so that figures can be repeated')
    noise[0]['strength'] = strength
    if file is not None:
        config['layout']['file'] = file
    built: PoseSequenceDataset = DATASETS.build(config)
    items = (built[i] for i in range(len(built)))
    return [NoisySequence(item['inputs'], item['data_samples'].gt_pose) for item in items], built.metainfo


def tune_filter(kind: str, sequences: Sequence[NoisySequence], dims: int, goal: str = 'mpjpe') -> dict[str, Any]:
    """The filter's config with the lowest mean error on these sequences, searched in :data:`GRIDS`.

    Args:
        kind: A registered filter.
        sequences: Of the training subjects.
        dims: Numbers of a joint: 3, or 6 for rotations, whose error is taken on the 6D numbers.
        goal: ``mpjpe``, or ``accel`` for the acceleration's error.
    """
    grid = GRIDS[kind]
    tried = [dict(type=kind, **dict(zip(grid, values, strict=True))) for values in product(*grid.values())]

    def error(config: dict[str, Any]) -> float:
        smooth = TRACK_TRANSFORMS.build(config).smooth
        total = [_error(torch.from_numpy(smooth(s.noisy.numpy())), s.truth, dims, goal) for s in sequences]
        return float(torch.cat(total).mean())

    return min(tried, key=error)


def _error(pose: Tensor, truth: Tensor, dims: int, goal: str) -> Tensor:
    points, true = (value.unflatten(-1, (-1, dims)) for value in (pose, truth))
    return acceleration_distances(points, true) if goal == 'accel' else point_distances(points, true).mean(-1)


def refiner_table(networks: dict[str, Config], strengths: Iterable[float] = (0.5, 1., 2.),
                  goals: Sequence[str] = ('mpjpe', ), checkpoints: dict[str, str] | None = None,
                  step: int | None = None) -> list[TableRow]:
    """Figures of the input, of each filter tuned on the training subjects, and of the networks, on the test subjects.

    Args:
        networks: Configs by name, all of one representation; the first one's data and metric are used.
        strengths: Of the noise.
        goals: What the filters are tuned for, ``mpjpe`` or ``accel``; one row each.
        checkpoints: Weights by name instead of the configs'.
        step: Frames from window to window; None as the networks have it.
    """
    first = next(iter(networks.values()))
    dims = 6 if first.test_dataloader.dataset.layout.representation == 'smpl' else 3
    models = {name: build_refiner(config, (checkpoints or {}).get(name)) for name, config in networks.items()}
    metric: PoseSequenceMetric = METRICS.build({**first.test_evaluator, 'filters': ()})
    rows = []
    for strength in strengths:
        test, metric.dataset_meta = noisy_sequences(first.test_dataloader.dataset, strength)
        train, _ = noisy_sequences(first.test_dataloader.dataset, strength, first.train_dataloader.dataset.layout.file)
        methods: dict[str, Refine | None] = {'input': None}
        for goal, kind in product(goals, GRIDS):
            config = tune_filter(kind, train, dims, goal)
            methods[_describe(config, goal)] = _filter(config)
        methods |= {name: _network(model, step) for name, model in models.items()}
        rows += [_row(strength, name, refine, test, metric) for name, refine in methods.items()]
    return rows


def _row(strength: float, name: str, refine: Refine | None, sequences: Sequence[NoisySequence],
         metric: PoseSequenceMetric) -> TableRow:
    seconds, scores = 0., []
    for sequence in sequences:
        pose = sequence.noisy
        if refine is not None:
            start = time.perf_counter()
            pose = refine(pose)
            seconds += time.perf_counter() - start
        scores.append(metric.score(pose, sequence.truth, {}, name))
    figures = {key: float(torch.cat([score[key] for score in scores]).double().mean()) for key in scores[0]}
    frames = sum(len(sequence.noisy) for sequence in sequences)
    return TableRow(strength, name, figures, frames / seconds if seconds else np.inf)


def _filter(config: dict[str, Any]) -> Refine:
    smooth = TRACK_TRANSFORMS.build(config).smooth
    return lambda pose: torch.from_numpy(smooth(pose.numpy()))


def _network(model: torch.nn.Module, step: int | None) -> Refine:
    return lambda pose: model.refine(pose, step)[0]


def _describe(config: dict[str, Any], goal: str) -> str:
    settings = ', '.join(f'{key} {value:g}' for key, value in config.items() if key != 'type')
    return f'{config["type"]} ({settings}; for {goal})'


def format_table(rows: Sequence[TableRow]) -> str:
    """Markdown, one line a method; accelerations also as a share of the input's."""
    names = list(rows[0].figures)
    lines = [f'| noise | method | {" | ".join(names)} | frames/s |', '|---' * (len(names) + 3) + '|']
    before: dict[str, float] = {}
    for row in rows:
        before = row.figures if row.method == 'input' else before
        cells = [f'{row.figures[name]:.2f}' + (f' ({row.figures[name] / before[name] - 1:+.0%})' if name == 'accel' else '')
                 for name in names]
        speed = '' if np.isinf(row.frames_per_second) else f'{row.frames_per_second:,.0f}'
        lines.append(f'| {row.strength:g} | {row.method} | {" | ".join(cells)} | {speed} |')
    return '\n'.join(lines)
