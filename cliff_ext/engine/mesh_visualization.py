"""Pictures of predicted and true meshes while a training is judged."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from cliff_ext.datasets.transforms import LoadHumanImage
from cliff_ext.registry import HOOKS
from cliff_ext.structures import HumanDataSample


@HOOKS.register_module()
class MeshVisualizationHook(Hook):
    """Hands the first person of every ``interval``-th batch of validation and test to the runner's visualizer.

    The visualizer must be a :class:`~cliff_ext.visualization.HumanMeshVisualizer`; its backends decide where the pictures
    go (``vis_image`` in the run's folder, TensorBoard).

    Args:
        interval: Batches from one picture to the next.
    """

    def __init__(self, interval: int = 50) -> None:
        self.interval = interval

    def after_val_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                       outputs: Sequence[HumanDataSample] | None = None) -> None:
        """A picture named after the batch, so that the same person is seen every time."""
        self._draw(runner, 'val', batch_idx, outputs)

    def after_test_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None,
                        outputs: Sequence[HumanDataSample] | None = None) -> None:
        """As in validation."""
        self._draw(runner, 'test', batch_idx, outputs)

    def _draw(self, runner: Runner, name: str, batch_idx: int, outputs: Sequence[HumanDataSample] | None) -> None:
        if batch_idx % self.interval or not outputs:
            return
        image = LoadHumanImage().transform(dict(img_path=outputs[0].img_path))['img']
        runner.visualizer.add_datasample(f'{name}_{batch_idx}', image, outputs[0], step=runner.iter)
