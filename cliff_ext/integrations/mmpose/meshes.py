"""CLIFF on what any model of mmpose found: SMPL bodies beside its keypoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.structures import BaseDataElement

from cliff_ext.apis import Estimator, config_root

from .people import SMPL

CONFIG = config_root() / 'cliff' / 'cliff_res18-parts_128x96_synthetic.py'
CHECKPOINT = 'embedded:demo_cliff.pth'


class PoseMesh:
    """Adds SMPL parameters to the people of mmpose's data samples.

    Args:
        config: File of a CLIFF, as ``configs/cliff/cliff_hr48_256x192.py``; the small one that ships by default.
        checkpoint: Its weights.
        device: As torch's.
        batch_size: People at a time.

    Raises:
        FileNotFoundError: No such config or weights.

    Example:
        >>> add_meshes = PoseMesh()
        >>> samples = inference_topdown(model, 'people.jpg', bboxes)  # doctest: +SKIP
        >>> add_meshes(samples)[0].pred_instances.transl  # doctest: +SKIP
    """

    def __init__(self, config: str | Path = CONFIG, checkpoint: str = CHECKPOINT, device: str = 'cpu',
                 batch_size: int = 16) -> None:
        self.estimator = Estimator(str(config), checkpoint, device, batch_size)

    def __call__(self, samples: Sequence[BaseDataElement], image: np.ndarray | None = None) -> list[BaseDataElement]:
        """Copies of the samples whose ``pred_instances`` also hold SMPL parameters, one row a person.

        ``global_orient`` (N, 3, 3), ``body_pose`` (N, 23, 3, 3), ``betas`` (N, 10), ``transl`` (N, 3) metres in the full
        camera, ``focal_length`` (N,) pixels; numpy.

        Args:
            samples: Of one image or of several, with people's ``bboxes`` (N, 4) xyxy.
            image: (H, W, 3) BGR, if all samples are of one that is not a file.

        Raises:
            FileNotFoundError: A sample's ``img_path`` is no picture.
            ValueError: A sample without boxes, or a box without area.
        """
        counts, crops = [], []
        for sample in samples:
            boxes = _boxes(sample)
            picture = _read(sample) if image is None else image
            crops += [self.estimator.crop(picture, box, sample.metainfo.get('focal_length')) for box in boxes]
            counts.append(len(boxes))
        rows = [self.estimator.row(crop) for start in range(0, len(crops), self.estimator.batch_size)
                for crop in self.estimator(crops[start:start + self.estimator.batch_size])]
        ends = np.cumsum(counts).tolist()
        return [_with_bodies(sample, rows[end - count:end])
                for sample, count, end in zip(samples, counts, ends, strict=True)]


def _with_bodies(sample: BaseDataElement, rows: Sequence[dict[str, np.ndarray]]) -> BaseDataElement:
    result = sample.new()
    result.pred_instances = sample.pred_instances.clone()
    for name in SMPL if rows else ():
        setattr(result.pred_instances, name, np.stack([row[name] for row in rows]))
    return result


def _boxes(sample: BaseDataElement) -> np.ndarray:
    instances = sample.get('pred_instances')
    if instances is None or (len(instances) and 'bboxes' not in instances):
        raise ValueError("mmpose's data sample has no pred_instances.bboxes, which say where CLIFF shall look")
    boxes = instances.get('bboxes', np.zeros((0, 4)))
    return boxes.cpu().numpy() if isinstance(boxes, torch.Tensor) else np.asarray(boxes)


def _read(sample: BaseDataElement) -> np.ndarray:
    path = sample.metainfo.get('img_path')
    image = cv2.imread(str(path)) if path and Path(path).is_file() else None
    if image is None:
        raise FileNotFoundError(f'{path}: no picture to look for bodies in; give image=')
    return image
