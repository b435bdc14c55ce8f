"""``torch.compile`` for the parts of a network that it is good for."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from cliff_ext.registry import HOOKS


@HOOKS.register_module()
class CompileHook(Hook):
    """Compiles modules of the model when training begins. Names in checkpoints stay as they are.

    MMEngine's ``compile`` takes the whole training step, data samples and optimizer included; a backbone has none of their
    graph breaks.

    Args:
        modules: Names of submodules.
        options: Of :func:`torch.compile`, e.g. ``dict(mode='max-autotune')``.
    """

    def __init__(self, modules: Sequence[str] = ('backbone', ), options: dict | None = None) -> None:
        self.modules = tuple(modules)
        self.options = options or {}

    def before_train(self, runner: Runner) -> None:
        """Compiles."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        for name in self.modules:
            model.get_submodule(name).compile(**self.options)
