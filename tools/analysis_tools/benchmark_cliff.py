"""CLIFF's forward pass: the plain eager network against the fused one and bfloat16, turn by turn in one process.

    python tools/analysis_tools/benchmark_cliff.py configs/cliff/cliff_hr48_256x192.py
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from mmengine.config import Config
from torch import Tensor

from cliff_ext.apis import build_model
from cliff_ext.models import CLIFF, fuse_for_inference


def randomise(model: CLIFF) -> None:
    """Gives batch norms statistics that folding has to take into account."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.8, 1.2)


@torch.no_grad()
def outputs(model: CLIFF, images: Tensor, info: Tensor) -> Tensor:
    """All of the head's numbers in one row a person."""
    out = model.head(model.extract_feat(images).float(), info)
    return torch.cat([out.global_orient.flatten(1), out.body_pose.flatten(1), out.betas, out.crop_cam], 1)


def timed(run: Callable[[], Tensor]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config')
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--runs', type=int, default=7)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    model = build_model(args.config).eval()
    randomise(model)
    width, height = Config.fromfile(args.config).test_pipeline[0]['output_size']
    images, info = torch.randn(args.batch_size, 3, height, width), torch.randn(args.batch_size, 3) * 0.3
    nets = dict(eager=model, fused=fuse_for_inference(model), bf16=fuse_for_inference(model, torch.bfloat16))
    truth = outputs(model, images, info)
    seconds: dict[str, list[float]] = {name: [] for name in nets}
    errors = {name: float((outputs(net, images, info) - truth).abs().max()) for name, net in nets.items()}
    for _ in range(args.runs):
        for name, net in nets.items():
            seconds[name].append(timed(lambda net=net: outputs(net, images, info)))
    print(f'{args.config}, batch {args.batch_size} of {width}x{height}, {args.threads} threads, torch {torch.__version__}')
    for name, times in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(seconds['eager'], times, strict=True))
        median = statistics.median(times) * 1e3
        print(f'{name:<6} median {median:8.1f} ms, {ratio:5.2f}x eager, largest error {errors[name]:.1e}')


if __name__ == '__main__':
    main()
