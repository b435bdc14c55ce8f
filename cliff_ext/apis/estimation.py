"""Crops of people, batched across frames, through an estimator; rows of results gathered into tracks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.model import BaseModel
from mmengine.registry import DefaultScope
from mmengine.structures import BaseDataElement
from torch import nn

import cliff_ext.datasets.transforms  # noqa: F401  (registers the pipeline's transforms)
from cliff_ext.integrations import require
from cliff_ext.io import load_weights
from cliff_ext.models import fuse_for_inference
from cliff_ext.registry import MODELS, TASK_UTILS
from cliff_ext.structures import HumanDataSample, HumanTrack

from .detection import Boxes
from .paths import resolve
from .streaming import batched

REMEDY = ("The embedded weights (configs/video/demo.py) need no file. Official CLIFF checkpoints: see the README of "
          "huawei-noah's noah-research, CLIFF; convert one with tools/model_converters/convert_official.py and name the "
          "result with --checkpoint")
SMPL_ROW = ('global_orient', 'body_pose', 'betas', 'transl', 'focal_length')


def build_model(config: str | Path) -> nn.Module:
    """The untrained model of a config file, without its losses.

    Raises:
        FileNotFoundError: No such config.
        ValueError: The config has no ``model``.
    """
    require('mmdet')
    import mmdet.models  # noqa: F401  (registers the backbones)
    if not Path(config).is_file():
        raise FileNotFoundError(f'estimator config not found: {config}')
    model = Config.fromfile(config).get('model')
    if model is None:
        raise ValueError(f'{config} describes no network: it has no model; give one of configs/cliff, say')
    for name in ('loss', 'auxiliary_losses'):
        model.pop(name, None)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return MODELS.build(model)


def load_network(config: str, checkpoint: str, device: str, remedy: str, fuse: bool = True,
                 bf16: bool = False) -> tuple[nn.Module, Compose]:
    """A trained network, ready for inference, and its crop pipeline.

    Args:
        config: File with ``model`` and ``test_pipeline``.
        checkpoint: Weights; ``embedded:NAME`` for those that ship.
        device: As torch's.
        remedy: What to do where the weights are missing.
        fuse: Fold batch norms for speed.
        bf16: Run the backbone in bfloat16.

    Raises:
        FileNotFoundError: No such config or weights.
        CheckpointError: Weights of another model.
    """
    file = resolve(checkpoint, lambda: remedy)
    model = build_model(config)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        pipeline = Compose(Config.fromfile(config).test_pipeline)
    load_weights(model, file)
    model = model.to(device).eval()
    return (fuse_for_inference(model, torch.bfloat16 if bf16 else torch.float32) if fuse or bf16 else model), pipeline


@TASK_UTILS.register_module()
class Estimator:
    """A trained estimator of SMPL people with its crop pipeline.

    Args:
        config: File with ``model`` and ``test_pipeline``.
        checkpoint: Weights; ``embedded:NAME`` for those that ship.
        device: As torch's.
        batch_size: People at a time.
        fuse: Fold batch norms for speed.
        bf16: Run the backbone in bfloat16; about twice as fast where the processor knows it, results differ slightly.

    Attributes:
        constants: Fields of a :class:`HumanTrack` that are the same for all people.
    """

    def __init__(self, config: str, checkpoint: str, device: str = 'cpu', batch_size: int = 16, fuse: bool = True,
                 bf16: bool = False) -> None:
        self.model, self.pipeline = load_network(config, checkpoint, device, REMEDY, fuse, bf16)
        self.constants: dict[str, str] = {}
        self.batch_size = batch_size

    def crop(self, image: np.ndarray, bbox: np.ndarray, focal_length: float | None, image_id: int | None = None) -> dict:
        """One person's packed crop; whose picture it is, ``image_id``, does not matter to one who sees people one by one."""
        return self.pipeline(dict(img=image, bbox=bbox, focal_length=focal_length))

    @torch.no_grad()
    def __call__(self, crops: list[dict]) -> list[HumanDataSample]:
        """Predictions for packed crops."""
        return in_batches(self.model, crops, self.batch_size)

    def row(self, sample: HumanDataSample) -> dict[str, np.ndarray]:
        """Fields of a :class:`HumanTrack` that a prediction gives in its frame."""
        return {name: to_numpy(sample.pred_instances[name][0]) for name in SMPL_ROW}


def in_batches(model: BaseModel, crops: Sequence[dict], size: int) -> list[BaseDataElement]:
    """Predictions for packed crops, ``size`` at a time."""
    return [sample for part in batched(crops, size) for sample in model.test_step(pseudo_collate(part))]


def to_numpy(value: torch.Tensor) -> np.ndarray:
    """A prediction as float32."""
    return value.float().cpu().numpy()


class TrackRows:
    """Gathers one row a person and frame, then gives each person's track.

    Args:
        constants: Fields that are the same for all people.
    """

    def __init__(self, constants: dict[str, str] | None = None) -> None:
        self.constants = constants or {}
        self.rows: dict[int, list[dict]] = defaultdict(list)
        self.sizes: dict[int, tuple[int, int]] = {}
        self.count = 0

    def add(self, frame_id: int, track_id: int, bbox: np.ndarray, score: float, image_size: tuple[int, int],
            row: dict[str, np.ndarray]) -> None:
        """Takes in one prediction. One that is not finite is refused with a ValueError."""
        bad = [name for name, value in row.items() if not np.isfinite(value).all()]
        if bad:
            raise ValueError(f'the estimator gave NaN in {", ".join(bad)}')
        self.sizes[track_id] = tuple(int(v) for v in image_size)
        self.rows[track_id].append(dict(frame_ids=frame_id, bboxes=bbox, scores=score, **row))
        self.count += 1

    def drop_brief(self, min_frames: int) -> int:
        """Forgets people seen in fewer than ``min_frames`` frames; returns how many they were."""
        brief = [track_id for track_id, rows in self.rows.items() if len(rows) < min_frames]
        for track_id in brief:
            self.count -= len(self.rows.pop(track_id))
        return len(brief)

    def tracks(self) -> list[HumanTrack]:
        """All people, in order of identity."""
        people = []
        for track_id, rows in sorted(self.rows.items()):
            rows = sorted(rows, key=lambda row: row['frame_ids'])
            columns = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
            people.append(HumanTrack(track_id=track_id, image_size=self.sizes[track_id], filled=np.zeros(len(rows), bool),
                                     **columns, **self.constants))
        return people


def one_box_each(boxes: Boxes, ids: np.ndarray) -> list[tuple[int, np.ndarray, float]]:
    """Identity, box and score of each person; of two boxes with one identity in a frame the better one."""
    order = np.argsort(-boxes.scores, kind='stable')
    seen: set[int] = set()
    chosen = []
    for i in order:
        identity = int(ids[i])
        if identity not in seen:
            seen.add(identity)
            chosen.append((identity, boxes.bboxes[i], float(boxes.scores[i])))
    return chosen
