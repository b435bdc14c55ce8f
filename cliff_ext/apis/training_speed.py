"""How fast a recipe's data come and its steps go, so that one can see which waits for the other."""

from __future__ import annotations

import copy
import itertools
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from torch.utils.data import Dataset

from .training import build_runner

GIB = 2**30
WARM_UP = 2
"""Steps before the clock runs."""


@dataclass
class TrainingSpeed:
    """What was measured.

    Attributes:
        transforms: Milliseconds an image of each transform, one process, by data set and transform.
        data: Images a second of the data loader, all its workers.
        step: Images a second of training steps on a batch that is already there; None where only data were asked for.
        peak_memory: GiB on the GPU, or of the process where there is none.
        batch_size, workers: Of the data loader.
        device: Where the steps ran.
    """

    transforms: dict[str, dict[str, float]]
    data: float
    step: float | None
    peak_memory: float
    batch_size: int
    workers: int
    device: str


def training_speed(config: str | Path | Config, batches: int = 20, only_data: bool = False,
                   options: dict[str, Any] | None = None, amp: bool = False) -> TrainingSpeed:
    """Times a config's training data and its training steps.

    Args:
        config: File or config, with ``train_dataloader``, ``model`` and ``optim_wrapper``.
        batches: How many batches and steps are timed, after a warm-up.
        only_data: Time no steps.
        options: Changes of the config, ``{'a.b': value}``.
        amp: Mixed precision.
    """
    with tempfile.TemporaryDirectory() as folder:
        runner = build_runner(config, work_dir=folder, options={**(options or {}), 'default_hooks.logger.interval': 10**9},
                              amp=amp)
        loader = runner.build_dataloader(runner.cfg.train_dataloader, seed=runner.seed)
        transforms = {name: transform_times(dataset, 4 * batches) for name, dataset in leaves(loader.dataset)}
        source = forever(loader)
        batch = next(source)
        start = time.perf_counter()
        count = sum(len(one['data_samples']) for one in itertools.islice(source, batches))
        data = count / (time.perf_counter() - start)
        step = None if only_data else step_speed(runner, batch, batches)
    return TrainingSpeed(transforms, data, step, peak_memory(), loader.batch_sampler.batch_size, loader.num_workers,
                         str(next(runner.model.parameters()).device))


def forever(loader: torch.utils.data.DataLoader) -> Iterator[dict[str, Any]]:
    """Batches, epoch after epoch."""
    while True:
        yield from loader


def leaves(dataset: Dataset) -> Iterator[tuple[str, Dataset]]:
    """The data sets that a mixed one is made of, with their names."""
    for i, one in enumerate(getattr(dataset, 'datasets', [dataset])):
        yield f'{i} {one.metainfo["dataset"]}', one


def transform_times(dataset: Dataset, count: int) -> dict[str, float]:
    """Mean milliseconds an image of each transform, over ``count`` people from all over the data set."""
    spent: dict[str, float] = defaultdict(float)
    rows = np.linspace(0, len(dataset) - 1, count).astype(int)
    for row in rows.tolist():
        start = time.perf_counter()
        results = dataset.get_data_info(row)
        for name, transform in [('annotation', None), *((type(one).__name__, one) for one in dataset.pipeline.transforms)]:
            results = results if transform is None else transform(results)
            now = time.perf_counter()
            spent[name] += now - start
            start = now
    return {name: 1e3 * seconds / count for name, seconds in spent.items()}


def step_speed(runner: Runner, batch: dict[str, Any], steps: int) -> float:
    """Images a second of forward pass, losses, backward pass and update on one batch."""
    model = runner.model.train()
    optim_wrapper = runner.build_optim_wrapper(copy.deepcopy(runner.cfg.optim_wrapper))
    optim_wrapper.initialize_count_status(model, 0, WARM_UP + steps)
    for i in range(WARM_UP + steps):
        if i == WARM_UP:
            synchronize()
            start = time.perf_counter()
        model.train_step(batch, optim_wrapper=optim_wrapper)
    synchronize()
    return steps * len(batch['data_samples']) / (time.perf_counter() - start)


def synchronize() -> None:
    """Waits for the GPU, if there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def peak_memory() -> float:
    """GiB: the most that was held on the GPU, or by this process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / GIB
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / GIB if sys.platform == 'darwin' else largest * 1024 / GIB
