"""Training and testing from a config: what ``tools/train.py`` and ``tools/test.py`` do."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.runner import Runner
from torch import distributed

from .paths import resolve


def build_runner(config: str | Path | Config, work_dir: str | Path | None = None, options: dict[str, Any] | None = None,
                 checkpoint: str | Path | None = None, amp: bool = False, resume: str | bool = False,
                 launcher: str = 'none', auto_scale_lr: bool = False, tensorboard: bool = False) -> Runner:
    """MMEngine's runner for a config.

    Args:
        config: File or config.
        work_dir: Where checkpoints and logs go; default ``work_dirs/CONFIG_NAME``.
        options: Changes of the config, ``{'a.b': value}``.
        checkpoint: Weights to start from, a path or ``embedded:NAME``; default: the config's ``load_from``.
        amp: Mixed precision: float16 on a GPU, bfloat16 on a CPU; the optimizer wrapper must be the plain one.
        resume: Go on from a checkpoint, or True for the last one in the work dir.
        launcher: ``none``, ``pytorch`` or ``slurm``. Without a GPU ``pytorch`` trains in several processes on the CPU.
        auto_scale_lr: Scale the learning rate by the real batch over the config's ``auto_scale_lr.base_batch_size``.
        tensorboard: Write curves and pictures for TensorBoard too, which must be installed.

    Raises:
        FileNotFoundError: The config or checkpoint is missing.
        ValueError: A config without ``default_scope``, ``amp`` with an optimizer wrapper that has its own precision, or
            ``auto_scale_lr`` where the config states no base batch size.
    """
    cfg = copy.deepcopy(config) if isinstance(config, Config) else Config.fromfile(config)
    cfg.merge_from_dict(options or {})
    cfg.launcher = launcher
    name = Path(cfg.filename).stem if cfg.filename else 'config'
    if not cfg.get('default_scope'):
        raise ValueError(f"{name} has no default_scope, so its types would be looked up in MMEngine alone; write "
                         "default_scope = 'cliff_ext', and the scope before types of other packages, as in mmdet.ResNet")
    cfg.work_dir = str(work_dir or cfg.get('work_dir') or Path('work_dirs') / name)
    if amp:
        kind = cfg.optim_wrapper.get('type', 'OptimWrapper')
        if kind not in ('OptimWrapper', 'AmpOptimWrapper', 'BFloat16OptimWrapper'):
            raise ValueError(f'--amp needs an OptimWrapper, the config has {kind}')
        cfg.optim_wrapper.type = 'AmpOptimWrapper' if torch.cuda.is_available() else 'BFloat16OptimWrapper'
    if auto_scale_lr:
        if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
            raise ValueError('--auto-scale-lr needs auto_scale_lr=dict(base_batch_size=…) in the config')
        cfg.auto_scale_lr.enable = True
    if tensorboard:
        cfg.visualizer = cfg.get('visualizer') or dict(type='Visualizer')
        cfg.visualizer.vis_backends = [*cfg.visualizer.get('vis_backends', [dict(type='LocalVisBackend')]),
                                       dict(type='TensorboardVisBackend')]
    cfg.resume = bool(resume)
    weights = resume if isinstance(resume, (str, Path)) else checkpoint or (None if resume else cfg.get('load_from'))
    cfg.load_from = str(resolve(weights, lambda: 'Give the path of a .pth file, or train one.')) if weights else None
    if launcher == 'pytorch' and not torch.cuda.is_available():
        _distribute_on_cpu(cfg)
    return Runner.from_cfg(cfg)


def _distribute_on_cpu(cfg: Config) -> None:
    """Joins the other processes, and keeps MMEngine from asking each for a GPU."""
    if not distributed.is_initialized():
        distributed.init_process_group('gloo')
    wrapper = dict(type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False,
                   find_unused_parameters=cfg.get('find_unused_parameters', False))
    cfg.model_wrapper_cfg = {**wrapper, **cfg.get('model_wrapper_cfg', {})}


def train(config: str | Path | Config, **options: Any) -> Runner:
    """Trains; arguments as :func:`build_runner`. Returns the runner with the trained model."""
    runner = build_runner(config, **options)
    runner.train()
    return runner


def test(config: str | Path | Config, **options: Any) -> dict[str, float]:
    """Tests; arguments as :func:`build_runner`.

    Returns:
        Figures by name, e.g. ``mpjpe`` of an estimator, ``input/mpjpe`` and ``refined/mpjpe`` of a refiner.

    Raises:
        ValueError: Neither the arguments nor the config name weights.
    """
    runner = build_runner(config, **options)
    if runner._load_from is None:
        raise ValueError('no weights to test: give a checkpoint, or set load_from in the config')
    return runner.test()
