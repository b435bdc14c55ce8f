"""Times the torch NMS that stands in for mmcv's against plain greedy NMS in numpy, on crowds of several kinds.

    python tools/analysis_tools/benchmark_nms.py --boxes 3000
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from cliff_ext.integrations import mmcv_ops


def greedy(boxes: np.ndarray, scores: np.ndarray, iou_threshold: float) -> np.ndarray:
    """The textbook loop: take the best box, drop what it overlaps, repeat. (N, 4) xyxy, (N,) -> kept indices."""
    x1, y1, x2, y2 = boxes.T
    area = (x2 - x1) * (y2 - y1)
    order, kept = np.argsort(-scores, kind='stable'), []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        width = np.maximum(0, np.minimum(x2[best], x2[rest]) - np.maximum(x1[best], x1[rest]))
        height = np.maximum(0, np.minimum(y2[best], y2[rest]) - np.maximum(y1[best], y1[rest]))
        inter = width * height
        order = rest[inter / (area[best] + area[rest] - inter) <= iou_threshold]
    return np.array(kept)


def crowds(count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Boxes (count, 4) in a 1000-pixel frame: strewn anywhere, or jittered around a few people as a detector's are."""

    def boxes(centre: np.ndarray, size: np.ndarray) -> np.ndarray:
        return np.concatenate([centre - size / 2, centre + size / 2], 1).astype(np.float32)

    def around(people: int) -> np.ndarray:
        person = rng.integers(people, size=count)
        centre, size = rng.uniform(100, 900, (people, 2)), rng.uniform(40, 300, (people, 2))
        jitter = rng.normal(1, 0.04, (2, count, 2))
        return boxes(centre[person] * jitter[0], size[person] * jitter[1])

    return {
        'strewn, small': boxes(rng.uniform(0, 1000, (count, 2)), rng.uniform(10, 100, (count, 2))),
        'strewn, large': boxes(rng.uniform(0, 1000, (count, 2)), rng.uniform(10, 600, (count, 2))),
        '30 people': around(30),
        '300 people': around(300),
    }


def best_time(call: Callable[[], object], repeats: int) -> float:
    """Shortest of ``repeats`` runs after a warm-up, in milliseconds."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--boxes', type=int, default=3000)
    parser.add_argument('--iou-threshold', type=float, default=0.65)
    parser.add_argument('--repeats', type=int, default=7)
    parser.add_argument('--threads', type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rng = np.random.default_rng(0)
    print(f'{args.boxes} boxes, IoU threshold {args.iou_threshold}, {args.threads} thread(s); milliseconds')
    print(f'{"crowd":16}{"kept":>6}{"greedy numpy":>14}{"ours":>8}{"ratio":>7}{"soft-NMS":>10}')
    for name, boxes in crowds(args.boxes, rng).items():
        scores = rng.permutation(args.boxes).astype(np.float32) / args.boxes
        tensors = torch.from_numpy(boxes), torch.from_numpy(scores)
        kept = greedy(boxes, scores, args.iou_threshold)
        if mmcv_ops.nms(*tensors, args.iou_threshold).tolist() != kept.tolist():
            raise SystemExit(f'{name}: the two do not keep the same boxes')
        plain = best_time(lambda b=boxes, s=scores: greedy(b, s, args.iou_threshold), args.repeats)
        ours = best_time(lambda t=tensors: mmcv_ops.nms(*t, args.iou_threshold), args.repeats)
        dets = torch.empty(args.boxes, 5)
        soft = best_time(lambda t=tensors, d=dets: mmcv_ops.softnms(*t, d, 0.3, 0.5, 1e-3, 1, 0), 2)
        print(f'{name:16}{len(kept):6}{plain:14.1f}{ours:8.1f}{plain / ours:7.1f}{soft:10.1f}')


if __name__ == '__main__':
    main()
