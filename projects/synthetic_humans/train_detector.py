"""Trains the small YOLOX person detector on rendered pictures, on a CPU in bfloat16 or on a GPU.

    python projects/synthetic_humans/train_detector.py data/synthetic_humans/train --out work_dirs/demo_detector.pth
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from torch import Tensor, nn
from tqdm import tqdm
from training import MovingAverage, fast_precision, learning_rate, save_half

import cliff_ext  # noqa: F401  (arms the mmcv fallback before mmdet is imported)
from cliff_ext.io import load_checkpoint

CONFIG = 'configs/detector/yolox_person_416_synthetic.py'
SIDE = 416


class Pictures:
    """Pictures and boxes of a rendered data set, read and augmented on demand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / 'images'
        self.boxes: dict[int, list[list[float]]] = {}
        for file in sorted(folder.glob('shard_*.npz')):
            with np.load(file, allow_pickle=False) as data:
                for frame, box in zip(data['frame'].tolist(), data['bbox'].tolist(), strict=True):
                    self.boxes.setdefault(frame, []).append(box)
        self.frames = np.array(sorted(self.boxes))
        if not len(self.frames):
            raise FileNotFoundError(f'{folder}: no shard_*.npz; render them first with generate.py')

    def sample(self, frame: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """One augmented picture (416, 416, 3) uint8 and its boxes (N, 4)."""
        image = cv2.imread(str(self.folder / f'{frame:06d}.jpg'))
        boxes = np.array(self.boxes[frame])
        height, width = image.shape[:2]
        zoom = SIDE / max(height, width) * np.exp(rng.uniform(-0.45, 0.45))
        room = SIDE - zoom * np.array([width, height])
        shift = np.array([rng.uniform(min(r, 0), max(r, 0)) for r in room])
        affine = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
        area = (boxes[:, 2:] - boxes[:, :2]).prod(1) * zoom**2
        boxes = np.clip(boxes * zoom + np.tile(shift, 2), 0, SIDE)
        image = cv2.warpAffine(image, affine, (SIDE, SIDE), flags=cv2.INTER_AREA, borderValue=(114, 114, 114))
        if rng.random() < 0.5:
            image = image[:, ::-1]
            boxes = np.stack([SIDE - boxes[:, 2], boxes[:, 1], SIDE - boxes[:, 0], boxes[:, 3]], 1)
        size = boxes[:, 2:] - boxes[:, :2]
        kept = (size > 6).all(1) & (size.prod(1) > 0.25 * area)
        return _recolor(image, rng), boxes[kept]


def _recolor(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    hsv = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_BGR2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + rng.uniform(-12, 12)) % 180
    hsv[..., 1] *= rng.uniform(0.2, 1.3)
    hsv[..., 2] = hsv[..., 2] * rng.uniform(0.6, 1.3) + rng.uniform(-20, 20)
    picture = cv2.cvtColor(np.clip(hsv, 0, [179, 255, 255]).astype(np.uint8), cv2.COLOR_HSV2BGR)
    if rng.random() < 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.5))
    return picture


def collate(samples: list[tuple[np.ndarray, np.ndarray]], device: str) -> tuple[Tensor, list[DetDataSample]]:
    """Pictures to (N, 3, 416, 416) and mmdet's data samples."""
    inputs = torch.from_numpy(np.stack([image.transpose(2, 0, 1) for image, _ in samples])).float().to(device)
    data_samples = []
    for _, boxes in samples:
        sample = DetDataSample(metainfo=dict(img_shape=(SIDE, SIDE), batch_input_shape=(SIDE, SIDE)))
        sample.gt_instances = InstanceData(bboxes=torch.from_numpy(boxes).float().to(device).reshape(-1, 4),
                                           labels=torch.zeros(len(boxes), dtype=torch.long, device=device))
        data_samples.append(sample)
    return inputs, data_samples


def train(folder: Path, out: Path, minutes: float, batch_size: int, peak: float, device: str,
          weights: Path | None = None) -> None:
    """Trains for a given time and writes the averaged weights every few minutes."""
    from mmdet.registry import MODELS
    init_default_scope('mmdet')
    cfg = Config.fromfile(CONFIG)
    model = MODELS.build(cfg.model)
    model.init_weights()
    if weights is not None:
        model.load_state_dict(load_checkpoint(weights)['state_dict'])
    model.to(device, memory_format=torch.channels_last).train()
    average = MovingAverage(model)
    optimizer = torch.optim.AdamW(model.parameters(), peak, weight_decay=0.02)
    pictures, rng = Pictures(folder), np.random.default_rng(0)
    print(f'{len(pictures.frames)} pictures', flush=True)
    start, saved, step, order = time.monotonic(), 0., 0, np.empty(0, int)
    bar = tqdm(total=round(minutes * 60), unit='s', mininterval=20)
    while (progress := (time.monotonic() - start) / (minutes * 60)) < 1:
        if len(order) < batch_size:
            order = rng.permutation(pictures.frames)
        frames, order = order[:batch_size], order[batch_size:]
        inputs, data_samples = collate([pictures.sample(int(f), rng) for f in frames], device)
        with fast_precision(device):
            maps = model.bbox_head(model.extract_feat(inputs.contiguous(memory_format=torch.channels_last)))
        maps = [[level.float() for level in levels] for levels in maps]
        terms = model.bbox_head.loss_by_feat(*maps, [s.gt_instances for s in data_samples],
                                             [s.metainfo for s in data_samples])
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(progress, peak)
        optimizer.zero_grad()
        sum(terms.values()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 20.)
        optimizer.step()
        average.update(model)
        step += 1
        bar.n = round(progress * minutes * 60)
        bar.set_postfix_str(f'{step * batch_size} pictures ' + ' '.join(f'{k} {float(v):.2f}' for k, v in terms.items()))
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            save_half(average.model, out)
    save_half(average.model, out)
    bar.close()
    print(f'{step} steps of {batch_size} pictures; weights in {out}')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path)
    parser.add_argument('--weights', type=Path, help='go on from an earlier run')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/demo_detector.pth'))
    parser.add_argument('--minutes', type=float, default=30)
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument('--lr', type=float, default=1.5e-3)
    parser.add_argument('--device', default='cpu')
    args = parser.parse_args()
    torch.manual_seed(0)
    train(args.data, args.out, args.minutes, args.batch_size, args.lr, args.device, args.weights)


if __name__ == '__main__':
    main()
