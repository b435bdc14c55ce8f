"""Refinement by a network: SmoothNet, SynSP, or any other :class:`PoseRefiner`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import Tensor

from cliff_ext.io import load_weights, resolve
from cliff_ext.models.refiners import PoseRefiner
from cliff_ext.registry import MODELS, TRACK_TRANSFORMS
from cliff_ext.structures import HumanTrack

from .base import TrackTransform, each_piece
from .classical import ClassicalFilter
from .representation import REPRESENTATIONS

PATH = dict(type='Gaussian1D', sigma=3.)
"""Default filter of a person's path; a single camera's depth jitters by centimetres."""
REMEDY = ('Weights that ship are named embedded:FILE; official SmoothNet and SynSP checkpoints: convert them with '
          'tools/model_converters/convert_official.py, or train with tools/train.py')


@TRACK_TRANSFORMS.register_module()
class LearnedRefine(TrackTransform):
    """Runs a refining network over each run of consecutive frames and averages its overlapping windows.

    Pieces shorter than a window are filled up by repeating their last frame; a single frame passes unchanged, as there is
    nothing to refine it with. Put :class:`Infill` before, so that gaps do not cut a person into pieces. The network sees the
    pose alone; SMPL's translation, or the path of the 3D joints' root, goes through the classical filter ``path``.

    Args:
        model: Config of the network, a config file that has it as ``model``, or a trained network.
        checkpoint: Its weights, ``embedded:FILE`` for those that ship. None only with a trained network.
        on: What is refined: ``smpl``, ``keypoints3d`` or ``keypoints2d``.
        step: Frames from window to window; the network's own if None.
        path: Config of the filter for the person's path, None to leave it.
        multi_view: Tracks with one ``track_id`` are the same person in several cameras and refined together.
        device: As torch's.

    Raises:
        ValueError: No checkpoint, or an unknown representation.
        FileNotFoundError: The checkpoint or config file is missing.
        CheckpointError: A checkpoint of another model.
    """

    def __init__(self, model: dict[str, Any] | str | PoseRefiner, checkpoint: str | None = None, on: str = 'smpl',
                 step: int | None = None, path: dict[str, Any] | None = PATH,
                 multi_view: bool = False, device: str = 'cpu') -> None:
        if on not in REPRESENTATIONS:
            raise ValueError(f'LearnedRefine: on must be one of {", ".join(REPRESENTATIONS)}, got {on!r}')
        if checkpoint is None and not isinstance(model, PoseRefiner):
            raise ValueError(f'LearnedRefine needs a checkpoint, an untrained network would only spoil poses. {REMEDY}')
        self.model = model if isinstance(model, PoseRefiner) else _build(model)
        if checkpoint is not None:
            load_weights(self.model, resolve(checkpoint, lambda: REMEDY))
        self.on = on
        self.representation = REPRESENTATIONS[on]
        self.step = step
        self.path_filter: ClassicalFilter | None = None if path is None else TRACK_TRANSFORMS.build(path)
        self.multi_view = multi_view
        self.to(device)

    def to(self, device: str) -> LearnedRefine:
        """Moves the network."""
        self.model.to(device).eval()
        self.device = device
        return self

    def __call__(self, track: HumanTrack) -> HumanTrack:
        self._check(track)
        return each_piece(track, self._refine_piece)

    def apply(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """Person by person; with ``multi_view`` all views of a person at once."""
        if not self.multi_view:
            return super().apply(tracks)
        result = list(tracks)
        for identity in dict.fromkeys(track.track_id for track in tracks):
            rows = [i for i, track in enumerate(tracks) if track.track_id == identity]
            for i, refined in zip(rows, self.refine_views([tracks[i] for i in rows]), strict=True):
                result[i] = refined
        return result

    def refine_views(self, tracks: Sequence[HumanTrack]) -> list[HumanTrack]:
        """One person seen by several cameras at the same frames.

        Raises:
            ValueError: Views with different frames, or a pose of another kind than the network's.
        """
        for track in tracks:
            self._check(track)
            if not np.array_equal(track.frame_ids, tracks[0].frame_ids):
                raise ValueError(f'views of person {track.track_id} have different frames ({len(tracks[0])} and '
                                 f'{len(track)}); cut them to the frames that all cameras share')
        pieces = [track.split_at_gaps() for track in tracks]
        refined = [self._refine_together(views) for views in zip(*pieces, strict=True)]
        return [HumanTrack.concatenate(parts) for parts in zip(*refined, strict=True)] if refined else list(tracks)

    def _refine_piece(self, piece: HumanTrack) -> HumanTrack:
        if len(piece) < 2:
            return piece
        values = self._refine(torch.from_numpy(self.representation.encode(piece)))
        return self._decode(piece, values)

    def _refine_together(self, views: Sequence[HumanTrack]) -> list[HumanTrack]:
        if len(views[0]) < 2:
            return list(views)
        values = self._refine(torch.from_numpy(np.stack([self.representation.encode(view) for view in views])))
        return [self._decode(view, value) for view, value in zip(views, values, strict=True)]

    def _decode(self, piece: HumanTrack, values: Tensor) -> HumanTrack:
        path = self.representation.path(piece)
        if path is not None and self.path_filter is not None:
            path = self.path_filter.smooth(path)
        return self.representation.decode(piece, values.cpu().numpy(), path)

    def _refine(self, values: Tensor) -> Tensor:
        return self.model.refine(values.to(self.device), self.step)[0]

    def _check(self, track: HumanTrack) -> None:
        """Refuses a track whose pose is of another kind than the network's."""
        missing = [name for name in self.representation.needs if getattr(track, name) is None]
        if missing:
            raise ValueError(f'{track} has no {", ".join(missing)}, which refining on {self.on!r} needs')
        wanted = getattr(self.model, 'in_channels', None)
        found = self.representation.encode(track[:1]).shape[-1]
        if wanted is not None and found != wanted:
            skeleton = getattr(track, f'{self.on}_skeleton', None)
            raise ValueError(f'{track} has {found} numbers a frame on {self.on!r}' + (f' ({skeleton})' if skeleton else '') +
                             f', but {type(self.model).__name__} was built for {wanted}; use the network of this '
                             'representation and skeleton')


def _build(model: dict[str, Any] | str) -> PoseRefiner:
    if isinstance(model, str):
        if not Path(model).is_file():
            raise FileNotFoundError(f'LearnedRefine: config of the network not found: {model}')
        model = Config.fromfile(model).model
    with DefaultScope.overwrite_default_scope('cliff_ext'):  # in a runner of mmdet or mmpose another one is set
        return MODELS.build(model)
