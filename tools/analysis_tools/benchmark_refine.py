"""Times window averaging, SynSP and SmoothNet against other ways to compute the same, held in this file.

    python tools/analysis_tools/benchmark_refine.py                        # all three
    python tools/analysis_tools/benchmark_refine.py --only averaging --frames 20000
    python tools/analysis_tools/benchmark_refine.py --only --steps configs/smoothnet/smoothnet-32_mocap-3d.py

Runs of the competitors take turns, so that other load on the machine hits all alike. The shortest of each counts; SynSP's
ratios are medians over the turns.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from cliff_ext.apis import build_model, resolve
from cliff_ext.evaluation.functional import acceleration_errors, joint_errors, root_relative
from cliff_ext.io import load_weights
from cliff_ext.models import SmoothNet, SynSP, average_windows, refine_sequence, window_starts
from cliff_ext.models.refiners.attention import Attention, TransformerLayer
from cliff_ext.models.refiners.windows import cut_windows
from cliff_ext.registry import DATASETS

JOINTS_3D, SMPL_6D = 51, 144


def turns(runners: dict[str, Callable[[], Tensor]], repeats: int) -> dict[str, list[float]]:
    """Times of each runner in milliseconds, after a warm-up, the runners taking turns."""
    times: dict[str, list[float]] = {name: [] for name in runners}
    for turn in range(repeats + 1):
        for name, run in runners.items():
            start = time.perf_counter()
            run()
            if turn:
                times[name].append(1e3 * (time.perf_counter() - start))
    return times


def race(runners: dict[str, Callable[[], Tensor]], repeats: int) -> dict[str, float]:
    """Shortest time of each runner in milliseconds."""
    return {name: min(times) for name, times in turns(runners, repeats).items()}


def agree(name: str, ours: Tensor, theirs: Tensor, tolerance: float) -> None:
    """Stops the benchmark if two ways do not give the same."""
    error = float((ours - theirs).abs().max())
    if not error <= tolerance:
        raise SystemExit(f'{name}: the two ways differ by {error:.1e}, more than {tolerance:.0e}')


def loop_average(windows: Tensor) -> Tensor:
    """The plain way at step 1: every frame gets a list of what the windows say about it. (M, W, C) to (T, C)."""
    count, size, _ = windows.shape
    said: list[list[Tensor]] = [[] for _ in range(count + size - 1)]
    for start in range(count):
        for place in range(size):
            said[start + place].append(windows[start, place])
    return torch.stack([torch.stack(values).mean(0) for values in said])


def convolution_average(windows: Tensor) -> Tensor:
    """Step 1 by a convolution, the windows being an image (M, W) for each channel and the kernel its antidiagonal."""
    count, size, _ = windows.shape
    kernel = torch.eye(size).flip(0)[None, None]
    sums = F.conv2d(windows.permute(2, 0, 1)[:, None], kernel, padding=(size - 1, 0))[:, 0, :, 0].T
    length = count + size - 1
    frame = torch.arange(length)
    covered = torch.minimum(torch.minimum(frame + 1, length - frame), torch.tensor(min(size, count)))
    return sums / covered[:, None]


def benchmark_averaging(frames: int, repeats: int) -> None:
    """Ours against one copy of the windows, the convolution and the loop."""
    print(f'Averaging, {frames} frames of {JOINTS_3D} coordinates, step 1; milliseconds, and how often ours fits into it')
    print(f'{"W":>4}{"ours":>9}{"copy":>17}{"convolution":>19}{"loop":>21}')
    for size in (8, 32, 64):
        starts = window_starts(frames, size, 1)
        windows = torch.randn(len(starts), size, JOINTS_3D)
        ours = average_windows(windows, starts, frames)
        agree('convolution', ours, convolution_average(windows), 1e-5)
        agree('loop', ours, loop_average(windows), 1e-5)
        room = torch.empty_like(windows)
        times = race({'ours': lambda w=windows, s=starts: average_windows(w, s, frames),
                      'copy': lambda w=windows, r=room: r.copy_(w)}, 5 * repeats)
        times |= race({'convolution': lambda w=windows: convolution_average(w)}, repeats)
        times |= race({'loop': lambda w=windows: loop_average(w)}, 1)
        cells = ''.join(f'{times[name]:>{width}.1f} ({times[name] / times["ours"]:.1f}x)'
                        for name, width in (('copy', 8), ('convolution', 11), ('loop', 11)))
        print(f'{size:>4}{times["ours"]:>9.2f}{cells}')


def plain_attention(attention: Attention, x: Tensor, memory: Tensor) -> Tensor:
    """Attention step by step, each head's products apart."""
    heads = (attention.num_heads, attention.head_dims)
    query, key, value = (linear(tokens).view(*tokens.shape[:2], *heads).transpose(1, 2) for linear, tokens in (
        (attention.query, x), (attention.key, memory), (attention.value, memory)))
    weights = torch.matmul(query / attention.head_dims**0.5, key.transpose(2, 3))
    mixed = torch.matmul(F.dropout(F.softmax(weights, dim=-1), 0.1, False), value)
    return attention.out(mixed.transpose(1, 2).contiguous().flatten(2))


def plain_layer(layer: TransformerLayer, x: Tensor, memory: Tensor) -> Tensor:
    """A post-norm layer as the 2017 paper writes it."""
    x = layer.attention_norm(layer.dropout(plain_attention(layer.attention, x, memory)).add_(x))
    return layer.feedforward_norm(layer.dropout(layer.down(F.relu(layer.up(x)))).add_(x))


def reference_shaped(model: SynSP, poses: Tensor) -> Tensor:
    """SynSP of one view with our weights in the reference's shape: (N, W, C) to refined (N, W, C).

    Unfused attention, linear layers one after another, the bias decoder's last layer run twice more. The similarity with
    other views, 1 where there is none, is not computed.
    """

    def pair(linears: torch.nn.Module, x: Tensor) -> Tensor:
        return linears.second(linears.first(x))

    tokens = pair(model.embed, model.cosines @ poses)
    local = shared = tokens + model.positions
    for layer in model.local_encoder.layers:
        local = plain_layer(layer, local, local)
    for layer in model.global_encoder.layers:
        shared = plain_layer(layer, shared, shared)
    memory = torch.cat([local, shared + 1], 1)  # a single view's similarity with itself is 1
    decoded = tokens
    for layer in model.bias_decoder.layers:
        decoded = plain_layer(layer, decoded, memory)
    last = model.bias_decoder.layers[-1]
    branches = [plain_layer(last, decoded, memory) + tokens for _ in range(2)]
    position, acceleration = (pair(head, branch) for head, branch in zip(
        (model.position_head, model.acceleration_head), branches, strict=True))
    difference = (position - acceleration).abs() / 2
    quality = torch.exp(-(difference + 1e-6) / (difference.amax(1, keepdim=True) + 1e-5)).mean(-1, keepdim=True)
    memory = torch.cat([branches[1], shared + 1 + quality], 1)
    refined = tokens
    for layer in model.refine_decoder.layers:
        refined = plain_layer(layer, refined, memory)
    return pair(model.refine_head, refined + tokens)


@torch.no_grad()
def benchmark_synsp(frames: int, repeats: int) -> None:
    """Whole sequences against the reference's shape, given all windows at once, as the reference is, or in chunks."""
    print(f'\nSynSP-8, {frames} frames at step 1; microseconds per frame, and how often ours fits into it')
    print(f'{"":<14}{"ours":>9}{"reference-shaped, all windows":>31}{"the same in our chunks":>24}')
    for name, channels, dims in (('3D, D = 128', JOINTS_3D, 128), ('SMPL, D = 256', SMPL_6D, 256)):
        model = SynSP(8, channels, embed_dims=dims).eval()
        sequence = 0.3 * torch.randn(frames, channels)
        windows = cut_windows(sequence, 8, 1).contiguous()
        starts = window_starts(frames, 8, 1)

        def reference(some: Tensor, model: SynSP = model) -> Tensor:
            return reference_shaped(model, some)

        runners = {'ours': lambda m=model, s=sequence: m.refine(s)[0],
                   'at once': lambda r=reference, w=windows, s=starts: average_windows(r(w), s, frames),
                   'chunks': lambda r=reference, m=model, s=sequence: refine_sequence(r, s, 8, 1, m.chunk)}
        for other in ('at once', 'chunks'):
            agree(f'{name}, {other}', runners['ours'](), runners[other](), 5e-5)
        times = turns(runners, repeats)
        cells = ''.join(
            f'{1e3 * min(times[other]) / frames:>{width}.0f} '
            f'({median(theirs / ours for theirs, ours in zip(times[other], times["ours"], strict=True)):.2f}x)'
            for other, width in (('at once', 23), ('chunks', 16)))
        print(f'{name:<14}{1e3 * min(times["ours"]) / frames:>9.0f}{cells}')


@torch.no_grad()
def benchmark_smoothnet(frames: int, repeats: int) -> None:
    """Ours in GFLOP/s beside matrix products of the same shapes, and the gain of wider steps."""
    print(f'\nSmoothNet, {frames} frames of {JOINTS_3D} coordinates')
    print(f'{"W":>4}{"GFLOP/s":>10}{"products alone":>16}{"near":>7}{"us/frame, step 1":>19}{"step W/4":>10}{"gain":>7}')
    for size in (8, 32, 64):
        model = SmoothNet(size).eval()
        weights = [p.T.contiguous() for p in model.parameters() if p.ndim == 2]
        rows = model.chunk * JOINTS_3D
        operands = [(torch.randn(rows, w.shape[0]), w, torch.empty(rows, w.shape[1])) for w in weights]
        flop = 2 * rows * sum(w.numel() for w in weights)
        windows = torch.randn(model.chunk, size, JOINTS_3D)

        def products(operands: list[tuple[Tensor, Tensor, Tensor]] = operands) -> None:
            for left, right, out in operands:
                torch.mm(left, right, out=out)

        batch = race({'ours': lambda m=model, w=windows: m(w).refined, 'products': products}, 5 * repeats)
        rate = {name: flop / value / 1e6 for name, value in batch.items()}
        sequence = torch.randn(frames, JOINTS_3D)
        whole = race({step: lambda m=model, s=sequence, step=step: m.refine(s, step)[0] for step in (1, size // 4)}, repeats)
        each = [1e3 * value / frames for value in whole.values()]
        print(f'{size:>4}{rate["ours"]:>10.0f}{rate["products"]:>16.0f}{rate["ours"] / rate["products"]:>7.0%}'
              f'{each[0]:>19.1f}{each[1]:>10.1f}{each[0] / each[1]:>7.1f}')


@torch.no_grad()
def benchmark_steps(path: Path, checkpoint: str | None, data: Path | None) -> None:
    """What a trained network of 3D joints gains and loses with the step, on its config's test sequences."""
    config = Config.fromfile(path)
    model = build_model(path).eval()
    load_weights(model, resolve(checkpoint or config.load_from, lambda: 'Train it first, or give --checkpoint.'))
    if data:
        config.test_dataloader.dataset.layout.file = str(data)
    init_default_scope(config.default_scope)
    dataset = DATASETS.build(config.test_dataloader.dataset)
    items = [dataset[i] for i in range(len(dataset))]
    root = dataset.metainfo['root']
    print(f'\n{path.stem} on {len(items)} sequences; mm, mm per frame squared')
    print(f'{"step":>5}{"MPJPE":>8}{"Accel":>8}{"us/frame":>10}{"gain":>7}')
    seconds: dict[int, float] = {}
    for step in (0, *(s for s in (1, 2, 4, 8, 16, 32) if s <= model.window_size)):
        start = time.perf_counter()
        poses = [model.refine(item['inputs'], step)[0] if step else item['inputs'] for item in items]
        seconds[step] = time.perf_counter() - start
        pairs = [[root_relative(pose.unflatten(-1, (-1, 3)), root) for pose in pair]
                 for pair in zip(poses, (item['data_samples'].gt_pose for item in items), strict=True)]
        errors, bends = (torch.cat([measure(*pair) for pair in pairs]) for measure in (joint_errors, acceleration_errors))
        cost = f'{1e6 * seconds[step] / len(errors):>10.0f}{seconds[1] / seconds[step]:>7.1f}' if step else ''
        print(f'{step or "input":>5}{errors.mean():>8.2f}{bends.mean():>8.2f}{cost}')


PARTS = dict(averaging=benchmark_averaging, synsp=benchmark_synsp, smoothnet=benchmark_smoothnet)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', nargs='*', choices=PARTS, default=list(PARTS), help='parts to run; default: all')
    parser.add_argument('--frames', type=int, default=3000)
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--steps', nargs='*', type=Path, default=(), metavar='CONFIG',
                        help='trained networks of 3D joints whose steps are compared as well')
    parser.add_argument('--checkpoint', help="weights of the --steps network; default: the config's load_from")
    parser.add_argument('--data', type=Path, help="test sequences for --steps; default: the config's")
    args = parser.parse_args()
    if args.frames < 64 or args.repeats < 1 or args.threads < 1:
        parser.error('needs at least 64 frames, the longest window, one repeat and one thread')
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    print(f'{args.threads} thread(s), torch {torch.__version__}')
    for part in args.only:
        PARTS[part](args.frames, args.repeats)
    for config in args.steps:
        benchmark_steps(config, args.checkpoint, args.data)


if __name__ == '__main__':
    main()
