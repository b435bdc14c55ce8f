"""PoseNet's soft-argmax against its plain formulation: seconds and peak memory beyond the heat map, forward and backward.

    python tools/analysis_tools/benchmark_integral.py --batch-size 8 --threads 2
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from cliff_ext.models import soft_argmax

MIB = 2**20


def plain(heatmaps: Tensor) -> Tensor:
    """Softmax over everything, a sum along each axis, the expectation."""
    probability = heatmaps.flatten(2).softmax(2).view_as(heatmaps)
    lines = probability.sum((2, 3)), probability.sum((2, 4)), probability.sum((3, 4))
    return torch.stack([(line * torch.arange(line.shape[2]).float()).sum(2) for line in lines], 2)


WAYS: dict[str, Callable[[Tensor], Tensor]] = dict(plain=plain, ours=soft_argmax)


def run(way: str, heatmaps: Tensor, backward: bool) -> Tensor:
    """The coordinates, or the heat maps' gradient."""
    if not backward:
        with torch.no_grad():
            return WAYS[way](heatmaps)
    leaf = heatmaps.detach().requires_grad_()
    WAYS[way](leaf).sum().backward()
    return leaf.grad


def made(args: argparse.Namespace) -> Tensor:
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    return torch.randn(args.batch_size, args.joints, args.bins, args.bins, args.bins).mul_(3)


def high_water() -> float:
    """MiB that this process held at most, of Linux; getrusage would count those of the parent before it."""
    return int(re.search(r'VmHWM:\s+(\d+) kB', Path('/proc/self/status').read_text())[1]) / 1024


def peak(args: argparse.Namespace, way: str, backward: bool) -> float:
    """MiB taken beyond the heat map; in a process of its own, as the peak never falls."""
    small = torch.randn(1, 1, args.bins, args.bins, args.bins)
    run(way, small, backward)
    heatmaps = made(args)
    before = high_water()
    run(way, heatmaps, backward)
    return high_water() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--joints', type=int, default=18)
    parser.add_argument('--bins', type=int, default=64)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--runs', type=int, default=7)
    args = parser.parse_args()
    heatmaps = made(args)
    print(f'{tuple(heatmaps.shape)} float32, {heatmaps.nbytes / MIB:.0f} MiB, {args.threads} threads, '
          f'torch {torch.__version__}')
    context = multiprocessing.get_context('spawn')
    for backward in (False, True):
        error = float((run('plain', heatmaps, backward) - run('ours', heatmaps, backward)).abs().max())
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(args.runs):
            for way in WAYS:
                start = time.perf_counter()
                run(way, heatmaps, backward)
                seconds[way].append(time.perf_counter() - start)
        faster = statistics.median(a / b for a, b in zip(seconds['plain'], seconds['ours'], strict=True))
        for way in WAYS:
            with context.Pool(1) as pool:
                memory = pool.apply(peak, (args, way, backward))
            median = statistics.median(seconds[way]) * 1e3
            print(f'{"forward + backward" if backward else "forward":<19}{way:<6}median {median:8.1f} ms, {memory:7.1f} MiB '
                  'beyond the heat map')
        print(f'  ours {faster:.2f} x as fast, largest difference {error:.1e}')


if __name__ == '__main__':
    main()
