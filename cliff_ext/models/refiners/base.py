"""What SmoothNet and SynSP share: MMEngine's door, windows in training, whole sequences in testing."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from mmengine.model import BaseModel
from torch import Tensor

from cliff_ext.registry import MODELS
from cliff_ext.structures import PoseSample

from .windows import cut_windows, refine_stretches

Inputs = Tensor | Sequence[Tensor]


@dataclass
class RefinerOutput:
    """Refined windows, of the input's shape (N, W, C) or (N, V, W, C), and what else the network says about them.

    ``position`` and ``acceleration``: estimates biased to precision and to smoothness. ``quality``: (N, W) or (N, V, W),
    above 0 and below 1, how much these two agree at a frame as compared with the other frames of the window; low where the
    input is doubtful. None where the network has no such output.
    """

    refined: Tensor
    position: Tensor | None = None
    acceleration: Tensor | None = None
    quality: Tensor | None = None


class PoseRefiner(BaseModel, metaclass=ABCMeta):
    """A network that refines windows of poses.

    Units, normalisation and root handling are the caller's: the network refines the numbers that it is given.

    Args:
        window_size: Frames that the network sees at once, W.
        step: Frames from one window to the next where a whole sequence is refined.
        chunk: Windows of a sequence refined at a time.
        loss: Config of a loss such as :class:`~cliff_ext.models.losses.MotionLoss`; None where nothing is trained.
        data_preprocessor: Config.
        init_cfg: As MMEngine's models.

    Raises:
        ValueError: A step outside 1 to ``window_size``.
    """

    def __init__(self, window_size: int, step: int, chunk: int, loss: dict | None, data_preprocessor: dict | None,
                 init_cfg: dict | None) -> None:
        super().__init__(data_preprocessor, init_cfg)
        if not 1 <= step <= window_size:
            raise ValueError(f'step must be 1 to window_size = {window_size}, got {step}')
        self.window_size, self.step, self.chunk = window_size, step, chunk
        self.loss_module = None if loss is None else MODELS.build(loss)

    @abstractmethod
    def refine_windows(self, windows: Tensor) -> RefinerOutput:
        """Refines windows (N, W, C) or, of several views, (N, V, W, C)."""

    @abstractmethod
    def losses(self, output: RefinerOutput, target: Tensor) -> dict[str, Tensor]:
        """Losses by name, given the true windows."""

    def stretch_refiner(self) -> Callable[[Tensor, int], RefinerOutput]:
        """What takes a stretch of frames (F, C) or (V, F, C) and the step between its windows to the refined windows.

        It is used without gradients; a network whose overlapping windows can share work overrides it.
        """
        return lambda frames, step: self.refine_windows(cut_windows(frames, self.window_size, step).contiguous())

    def forward(self, inputs: Inputs, data_samples: Sequence[PoseSample] | None = None,
                mode: str = 'tensor') -> RefinerOutput | list[PoseSample] | dict[str, Tensor]:
        """MMEngine's door.

        Args:
            inputs: Poses (N, T, C) or (N, V, T, C), or a sequence of N tensors without the first dimension, which may
                differ in length in ``'predict'``; elsewhere T is ``window_size``.
            data_samples: N samples; with ``gt_pose`` for ``'loss'``.
            mode: ``'tensor'`` returns a :class:`RefinerOutput`, ``'predict'`` the samples with ``pred_pose`` and, where the
                network tells it, ``pred_quality``, ``'loss'`` losses by name.

        Raises:
            ValueError: Another mode, or inputs that do not fit.
        """
        if mode == 'tensor':
            return self.refine_windows(self._windows(inputs))
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'loss':
            return self.loss(inputs, data_samples or ())
        raise ValueError(f"mode must be 'tensor', 'predict' or 'loss', got {mode!r}")

    def loss(self, inputs: Inputs, data_samples: Sequence[PoseSample]) -> dict[str, Tensor]:
        """Losses of windows against their samples' ``gt_pose``.

        Raises:
            ValueError: No loss in the config, or samples that do not fit the inputs.
        """
        if self.loss_module is None:
            raise ValueError(f"this {type(self).__name__} was built without a loss; give loss=dict(type='MotionLoss')")
        windows = self._windows(inputs)
        if len(data_samples) != len(windows):
            raise ValueError(f'{len(windows)} windows but {len(data_samples)} data samples; give one for each')
        target = torch.stack([sample.gt_pose for sample in data_samples]).to(windows)
        if target.shape != windows.shape:
            raise ValueError(f'gt_pose {tuple(target.shape)} and inputs {tuple(windows.shape)} differ in shape')
        return self.losses(self.refine_windows(windows), target)

    def predict(self, inputs: Inputs, data_samples: Sequence[PoseSample] | None = None) -> list[PoseSample]:
        """Refines windows, or whole sequences of any length, and puts the result into the samples.

        Raises:
            ValueError: Another number of samples than of sequences.
        """
        samples = [PoseSample() for _ in inputs] if data_samples is None else list(data_samples)
        if len(samples) != len(inputs):
            raise ValueError(f'{len(inputs)} sequences but {len(samples)} data samples; give one for each')
        if isinstance(inputs, Tensor) and len(inputs) and inputs.shape[-2] == self.window_size:
            output = self.refine_windows(inputs)
            refined = output.refined
            quality = [None] * len(samples) if output.quality is None else output.quality
        else:
            refined, quality = zip(*map(self.refine, inputs), strict=True) if samples else ((), ())
        for sample, pose, cue in zip(samples, refined, quality, strict=True):
            sample.pred_pose = pose
            if cue is not None:
                sample.pred_quality = cue
        return samples

    def refine(self, sequence: Tensor, step: int | None = None) -> tuple[Tensor, Tensor | None]:
        """Refines one sequence of any length, window by window, and averages the overlaps.

        Args:
            sequence: (T, C), or (V, T, C) for V views; finite.
            step: Frames from one window to the next; None for the model's own.

        Returns:
            Refined poses of the same shape, and the mean quality (T,) or (V, T) if the network tells it.

        Raises:
            ValueError: As :func:`~cliff_ext.models.refiners.refine_sequence`.
        """
        refine = self.stretch_refiner()

        def run(frames: Tensor, step: int) -> Tensor:
            output = refine(frames, step)
            return output.refined if output.quality is None else torch.cat([output.refined, output.quality[..., None]], -1)

        result = refine_stretches(run, sequence, self.window_size, step or self.step, self.chunk)
        channels = sequence.shape[-1]
        return result[..., :channels], result[..., channels] if result.shape[-1] > channels else None

    def _windows(self, inputs: Inputs) -> Tensor:
        """Stacks a list and checks the windows' length."""
        if not isinstance(inputs, Tensor):
            shapes = {tuple(one.shape) for one in inputs}
            if len(shapes) != 1:
                raise ValueError(f'windows of one batch must have one shape, got {sorted(shapes)}')
            inputs = torch.stack(tuple(inputs))
        if inputs.ndim not in (3, 4) or inputs.shape[-2] != self.window_size:
            size = self.window_size
            raise ValueError(f'{type(self).__name__} takes windows (N, {size}, C) or (N, V, {size}, C), got '
                             f'{tuple(inputs.shape)}; whole sequences go through predict or refine')
        return inputs
