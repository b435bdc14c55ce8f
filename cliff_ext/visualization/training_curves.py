"""Losses and figures of trainings over the steps, from what MMEngine's runner writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cliff_ext.io import atomic_path

Curve = tuple[np.ndarray, np.ndarray]
"""Steps (n,) and values (n,)."""


def read_curves(work_dir: str | Path, names: Sequence[str]) -> dict[str, Curve]:
    """Curves of a training by name; steps are iterations for losses, epochs for a validation's figures.

    Where a training was resumed, the later run's values count from its first step on.

    Raises:
        FileNotFoundError: No run has written any scalars there.
        ValueError: A name that no run has written.
    """
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    if not files:
        raise FileNotFoundError(f'{work_dir}: no TIME/vis_data/scalars.json; give the work_dir of a training')
    curves: dict[str, dict[int, float]] = {name: {} for name in names}
    for file in files:
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        for name, values in curves.items():
            own = {int(row['step']): float(row[name]) for row in rows if name in row}
            kept = {step: value for step, value in values.items() if step < min(own, default=np.inf)}
            curves[name] = kept | own
    missing = [name for name, values in curves.items() if not values]
    if missing:
        raise ValueError(f'{work_dir}: no {", ".join(missing)} among the scalars of the training')
    return {name: (np.array(list(values)), np.array(list(values.values()))) for name, values in curves.items()}


def plot_curves(path: str | Path, trainings: dict[str, dict[str, Curve]], labels: dict[str, str] | None = None) -> None:
    """Writes a panel for each curve, the trainings drawn together.

    Args:
        path: Ends in ``.png``, ``.svg`` or ``.pdf``.
        trainings: Curves by name, of each training by its name; all have the same curves.
        labels: What to write beside the axis of a curve in place of its name.
    """
    names = list(next(iter(trainings.values())))
    figure = Figure(figsize=(4.6 * len(names), 3.6), layout='constrained')
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        for training, curves in trainings.items():
            steps, values = curves[name]
            axes.plot(steps, values, '.-' if len(steps) < 40 else '-', linewidth=1.2, label=training)
        axes.set_xlabel('iteration' if 'loss' in name else 'epoch')
        axes.set_ylabel((labels or {}).get(name, name))
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    figure.axes[0].legend(loc='upper right', fontsize='small')
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_figure(temporary, dpi=100)
