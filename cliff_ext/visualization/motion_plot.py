"""A plot of one point's path and acceleration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cliff_ext.io import atomic_path


def plot_joint(path: str | Path, versions: dict[str, np.ndarray], title: str, unit: str) -> None:
    """Writes a picture with one row for each coordinate and one for the acceleration's length, all over the frames.

    Args:
        path: Ends in ``.png``, ``.svg`` or ``.pdf``.
        versions: Paths (T, 2 or 3) of one point by name; at least 3 frames for the acceleration.
        title: Over the plot.
        unit: Of the coordinates.

    Raises:
        ValueError: Paths of different shapes.
    """
    shapes = {name: value.shape for name, value in versions.items()}
    if len(set(shapes.values())) != 1:
        raise ValueError(f'all versions of a path need one shape, got {shapes}')
    dims = next(iter(shapes.values()))[-1]
    figure = Figure(figsize=(10, 2.2 * (dims + 1)), layout='constrained')
    axes = figure.subplots(dims + 1, 1, sharex=True)
    for name, value in versions.items():
        for dim in range(dims):
            axes[dim].plot(value[:, dim], label=name, linewidth=1)
        bend = np.linalg.norm(np.diff(value, 2, axis=0), axis=-1)
        axes[dims].plot(np.arange(1, len(bend) + 1), bend, label=name, linewidth=1)
    for dim, letter in enumerate('xyz'[:dims]):
        axes[dim].set_ylabel(f'{letter} [{unit}]')
    axes[dims].set_ylabel(f'acceleration\n[{unit} / frame²]')
    axes[dims].set_xlabel('frame')
    axes[0].set_title(title)
    axes[0].legend(loc='upper right', ncols=len(versions))
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_figure(temporary, dpi=110)
