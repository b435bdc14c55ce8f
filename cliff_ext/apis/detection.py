"""People's boxes in a frame: from any mmdet detector, or from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import DefaultScope

from cliff_ext.integrations import require
from cliff_ext.io import load_weights
from cliff_ext.registry import TASK_UTILS

from .paths import resolve


@dataclass
class Boxes:
    """N boxes of one frame: bboxes (N, 4) xyxy pixels, scores (N,), and identities (N,) where the source knows them."""

    bboxes: np.ndarray
    scores: np.ndarray
    ids: np.ndarray | None = None

    def __getitem__(self, rows: np.ndarray) -> Boxes:
        return Boxes(self.bboxes[rows], self.scores[rows], None if self.ids is None else self.ids[rows])


def clean(boxes: Boxes, image_size: tuple[int, int], score_thr: float, most: int) -> tuple[Boxes, int]:
    """Cuts boxes to the frame and drops useless ones.

    A tracker fed with NaN or thousands of weak boxes takes minutes and gigabytes.

    Returns:
        At most ``most`` boxes, best first, and how many were not finite or lay outside.
    """
    finite = np.isfinite(boxes.bboxes).all(1) & np.isfinite(boxes.scores)
    cut = boxes[finite]
    cut.bboxes = np.clip(cut.bboxes, 0, np.tile(image_size, 2)).astype(np.float32)
    inside = ((cut.bboxes[:, 2:] - cut.bboxes[:, :2]) >= 2).all(1)
    bad = int((~finite).sum() + (~inside).sum())
    cut = cut[inside & (cut.scores >= score_thr)]
    return cut[np.argsort(-cut.scores, kind='stable')[:most]], bad


@TASK_UTILS.register_module()
class MMDetDetector:
    """Any mmdet detector.

    Args:
        config: File, or ``mmdet::`` name.
        checkpoint: Its weights; ``embedded:NAME`` for those that ship.
        person_label: Which of its classes is a person.
        device: As torch's.
    """

    def __init__(self, config: str, checkpoint: str, person_label: int = 0, device: str = 'cpu') -> None:
        require('mmdet')
        import mmdet.datasets.transforms
        import mmdet.models  # noqa: F401
        from mmdet.registry import MODELS
        cfg = _config(config)
        file = resolve(checkpoint, lambda: _remedy(config))
        self.person_label = person_label
        with DefaultScope.overwrite_default_scope('mmdet'):
            model_cfg = cfg.model.copy()
            model_cfg.pop('init_cfg', None)
            if model_cfg.get('backbone', {}).get('init_cfg'):
                model_cfg.backbone.init_cfg = None
            self.model = MODELS.build(model_cfg)
            pipeline = cfg.test_dataloader.dataset.pipeline
            pipeline = [step for step in pipeline if step['type'] not in ('LoadAnnotations', 'mmdet.LoadAnnotations')]
            self.pipeline = Compose([dict(type='mmdet.LoadImageFromNDArray'), *pipeline[1:]])
        load_weights(self.model, file, extra_ok=True)
        self.model.to(device).eval()

    @torch.no_grad()
    def __call__(self, first: int, frames: Sequence[np.ndarray]) -> list[Boxes]:
        """Boxes of consecutive BGR frames, the first of which has number ``first``."""
        with DefaultScope.overwrite_default_scope('mmdet'):
            data = [self.pipeline(dict(img=frame, img_id=first + i)) for i, frame in enumerate(frames)]
            results = self.model.test_step(pseudo_collate(data))
        found = []
        for result in results:
            instances = result.pred_instances
            people = (instances.labels == self.person_label).cpu().numpy()
            found.append(Boxes(instances.bboxes.float().cpu().numpy()[people],
                               instances.scores.float().cpu().numpy()[people]))
        return found


def _config(name: str) -> Config:
    if '::' not in name:
        if not Path(name).is_file():
            raise FileNotFoundError(f'detector config not found: {name}')
        return Config.fromfile(name)
    from mmengine.hub import get_config
    try:
        return get_config(name)
    except (OSError, ValueError, KeyError, AssertionError) as error:
        raise FileNotFoundError(f'detector config not found: {name} (package::folder/file.py): {error}') from error


def _remedy(config: str) -> str:
    """Where a detector's weights come from."""
    advice = 'name your copy with --detector-checkpoint, or give the boxes yourself with --boxes FILE.json'
    if '::' not in config:
        return f"The detector's weights are missing: {advice}"
    from mmengine.hub import get_config
    try:
        address = get_config(config, pretrained=True).model_path
    except (OSError, ValueError, KeyError, AssertionError, AttributeError):
        address = f"the model zoo of {config.partition('::')[0]}"
    return f'Download it from {address}; {advice}'


@TASK_UTILS.register_module()
class BoxFile:
    """Boxes from a json file.

    Either ``{"0": [[x1, y1, x2, y2], [x1, y1, x2, y2, score], [x1, y1, x2, y2, score, id]], …}`` by frame number, or
    ``{"frames": [{"frame": 0, "persons": [{"id": 0, "bbox_xyxy": [x1, y1, x2, y2]}]}]}``.

    Raises:
        FileNotFoundError: No such file.
        ValueError: Not of these forms; the message names the entry.
    """

    def __init__(self, file: str) -> None:
        path = Path(file)
        if not path.is_file():
            raise FileNotFoundError(f'boxes file not found: {file}')
        try:
            content = json.loads(path.read_text())
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f'{file} is not json: {error}') from error
        if isinstance(content, dict) and 'frames' in content:
            content = _hand_read(file, content['frames'])
        if not isinstance(content, dict) or not all(str(key).isdigit() for key in content):
            raise ValueError(f'{file}: expected an object from frame numbers to lists of boxes')
        self.boxes = {int(key): _rows(file, key, rows) for key, rows in content.items()}
        named = [frame for frame, boxes in self.boxes.items() if boxes.ids is not None]
        crowd = [frame for frame, boxes in self.boxes.items() if len(boxes.scores)]
        if named and len(named) < len(crowd):
            raise ValueError(f'{file}: {len(named)} frames give identities and {len(crowd) - len(named)} do not; give them '
                             'in all frames with people or in none')

    def __call__(self, first: int, frames: Sequence[np.ndarray]) -> list[Boxes]:
        """Boxes of consecutive frames, the first of which has number ``first``."""
        empty = Boxes(np.empty((0, 4), np.float32), np.empty(0, np.float32))
        return [self.boxes.get(first + i, empty) for i in range(len(frames))]


def _hand_read(file: str, entries: Any) -> dict[str, list]:
    """The second form as the first."""
    try:
        return {str(entry['frame']): [[*p['bbox_xyxy'], 1., *([p['id']] if 'id' in p else [])] for p in entry['persons']]
                for entry in entries}
    except (KeyError, TypeError) as error:
        raise ValueError(f'{file}: each entry of frames must have frame and persons, each person bbox_xyxy: {error!r}'
                         ) from error


def _rows(file: str, key: str, rows: Any) -> Boxes:
    numbers = isinstance(rows, list) and all(
        isinstance(row, list) and all(v is None or isinstance(v, (int, float)) for v in row) for row in rows)
    if not numbers:
        raise ValueError(f'{file}: frame {key}: expected a list of boxes, each a list of numbers')
    lengths = {len(row) for row in rows}
    if len(lengths) > 1 or not lengths <= {4, 5, 6}:
        raise ValueError(f'{file}: frame {key}: each box must be [x1, y1, x2, y2], with score, or with score and id, alike '
                         f'in one frame; got lengths {sorted(lengths)}')
    width = max(lengths, default=4)
    array = np.array([[np.nan if v is None else v for v in row] for row in rows], np.float64).reshape(len(rows), width)
    scores = array[:, 4] if width > 4 else np.ones(len(rows))
    ids = array[:, 5].astype(np.int64) if width > 5 else None
    return Boxes(array[:, :4].reshape(-1, 4).astype(np.float32), scores.astype(np.float32), ids)
