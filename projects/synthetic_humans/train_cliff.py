"""Trains the small CLIFF on rendered people, on a CPU or a GPU.

    python projects/synthetic_humans/train_cliff.py data/synthetic_humans/train --minutes 75 --processes 2
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from cliff_losses import HelpingTasks, Skeleton24, losses
from crops import Crops
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import distributed, nn
from tqdm import tqdm
from training import MovingAverage, fast_precision, learning_rate, save_half

from cliff_ext.body_models import SMPL
from cliff_ext.io import load_checkpoint
from cliff_ext.models import CLIFF
from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame

CONFIG = 'configs/cliff/cliff_res18-parts_128x96_synthetic.py'


def build(weights: Path | None = None) -> CLIFF:
    """The network of :data:`CONFIG`, from nothing or with ``weights`` of an earlier run."""
    init_default_scope('cliff_ext')
    model = MODELS.build(Config.fromfile(CONFIG).model)
    for decoder in (model.head.decpose, model.head.decshape, model.head.deccam):
        nn.init.xavier_uniform_(decoder.weight, gain=0.05)
    if weights is not None:
        model.load_state_dict(load_checkpoint(weights)['state_dict'])
    return model


def average_over_processes(params: list[nn.Parameter], progress: float) -> float:
    """Averages gradients, and the progress so that all stop at the same step; does nothing in a single process."""
    if not distributed.is_initialized():
        return progress
    grads = [p.grad for p in params]
    flat = torch.cat([g.flatten() for g in grads] + [torch.tensor([progress], device=grads[0].device)])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for grad, mean in zip(grads, flat[:-1].split([g.numel() for g in grads]), strict=True):
        grad.copy_(mean.view_as(grad))
    return float(flat[-1])


def train(args: argparse.Namespace, rank: int = 0) -> None:
    """Trains for a given time and writes the averaged weights every few minutes."""
    torch.manual_seed(0)
    rng = np.random.default_rng(1 + rank)
    device = args.device
    model = build(args.weights).to(device, memory_format=torch.channels_last).train()
    tasks = HelpingTasks(model.neck.what.out_channels, model.neck.out_channels).to(device)
    average, skeleton = MovingAverage(model, 0.998), Skeleton24(SMPL()).to(device)
    params = [*model.parameters(), *tasks.parameters()]
    optimizer = torch.optim.AdamW(params, args.lr, weight_decay=0.02, fused=True)
    crops = Crops(args.data)
    start, saved, step, progress, order = time.monotonic(), 0., 0, 0., np.empty(0, int)
    bar = tqdm(total=round(args.minutes * 60), unit='s', mininterval=20, disable=rank > 0)
    while progress < 1:
        if len(order) < args.batch_size:
            order = rng.permutation(len(crops))
        rows, order = order[:args.batch_size], order[args.batch_size:]
        batch = {k: v.to(device) for k, v in crops.batch(rows, rng).items()}
        frame = FullFrame(batch['center'], batch['scale'], batch['size'], batch['focal'])
        inputs = model.data_preprocessor(dict(inputs=list(batch['crops'])))['inputs']
        with fast_precision(device):
            maps = model.backbone(inputs.contiguous(memory_format=torch.channels_last))
            parts = model.neck.look(maps)
        feature = model.neck.vector(parts, maps)
        out = model.head(feature, frame.bbox_info)
        truth = skeleton(batch['global_orient'], batch['body_pose'], batch['betas'])
        terms = losses(out, batch, truth, skeleton(out.global_orient, out.body_pose, out.betas), frame)
        terms['helpers'] = 0.5 * (1 - 0.8 * progress) * tasks(parts, feature, batch, truth)
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(progress, args.lr, 0.03)
        optimizer.zero_grad()
        sum(terms.values()).backward()
        progress = average_over_processes(params, (time.monotonic() - start) / (args.minutes * 60))
        nn.utils.clip_grad_norm_(params, 10.)
        optimizer.step()
        average.update(model)
        step += 1
        bar.n = round(min(progress, 1) * args.minutes * 60)
        bar.set_postfix_str(f'{step} steps ' + ' '.join(f'{k} {float(v.detach()):.3f}' for k, v in terms.items()))
        if rank == 0 and time.monotonic() - saved > 120:
            saved = time.monotonic()
            save_half(average.model, args.out)
    if rank == 0:
        save_half(average.model, args.out)
    bar.close()


def _work(rank: int, args: argparse.Namespace, meeting: str) -> None:
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // args.processes))
    distributed.init_process_group('gloo', init_method=f'file://{meeting}', rank=rank, world_size=args.processes)
    train(args, rank)
    distributed.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path)
    parser.add_argument('--weights', type=Path, help='go on from an earlier run')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/demo_cliff.pth'))
    parser.add_argument('--minutes', type=float, default=15)
    parser.add_argument('--batch-size', type=int, default=32, help='for each process')
    parser.add_argument('--processes', type=int, default=1, help='on a CPU, two processes beat two threads')
    parser.add_argument('--lr', type=float, default=1.5e-3)
    parser.add_argument('--device', default='cpu')
    args = parser.parse_args()
    if args.processes == 1:
        train(args)
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_work, (args, f'{folder}/meeting'), args.processes)


if __name__ == '__main__':
    main()
