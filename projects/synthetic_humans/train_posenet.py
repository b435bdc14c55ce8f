"""Trains the small PoseNet, or a RootNet from pictures, on rendered people for a given time, on a CPU or a GPU.

    python projects/synthetic_humans/to_human_data.py data/synthetic_humans/train data/synthetic_humans/train.npz
    python projects/synthetic_humans/train_posenet.py configs/posenet/posenet_res18-relations_128x96_synthetic.py \\
        --minutes 45 --out work_dirs/demo_posenet.pth

The RootNet that ships learned from context crops instead: train_rootnet.py.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from mmengine.config import Config, DictAction
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch.utils.data import DataLoader
from tqdm import tqdm
from training import MovingAverage, fast_precision, learning_rate, save_half

from cliff_ext.io import load_weights
from cliff_ext.registry import MODELS

MOST_GRADIENT = 35.
SAVE_EVERY = 120.
"""Seconds."""


def build(config: Config, weights: Path | None = None) -> BaseModel:
    """The config's network, as the config starts it or with weights of an earlier run."""
    model = MODELS.build(config.model)
    model.init_weights()
    if weights is not None:
        load_weights(model, weights)
    return model


def endless(loader: DataLoader) -> Iterator[dict]:
    """Batches, epoch after epoch, each shuffled anew."""
    epoch = 0
    while True:
        loader.sampler.set_epoch(epoch)
        yield from loader
        epoch += 1


def train(args: argparse.Namespace) -> None:
    """Trains for a given time and writes the averaged weights every few minutes."""
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    init_default_scope('cliff_ext')
    config = Config.fromfile(args.config)
    config.merge_from_dict(args.cfg_options)
    model = build(config, args.weights).to(args.device, memory_format=torch.channels_last).train()
    average = MovingAverage(model, 0.995)
    optimizer = torch.optim.AdamW(model.parameters(), args.lr, weight_decay=0.01, fused=True)
    batches = endless(Runner.build_dataloader(config.train_dataloader, seed=args.seed))
    first = next(batches)  # reading the data set does not count
    start, saved, step, progress = time.monotonic(), time.monotonic(), 0, 0.
    bar = tqdm(total=round(args.minutes * 60), unit='s', mininterval=20)
    while progress < 1:
        data = model.data_preprocessor(first if step == 0 else next(batches), training=True)
        with fast_precision(args.device):
            inputs = data['inputs'].contiguous(memory_format=torch.channels_last)
            terms = model(inputs, data['data_samples'], mode='loss')
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(progress, args.lr, 0.03)
        optimizer.zero_grad()
        sum(terms.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MOST_GRADIENT)
        optimizer.step()
        average.update(model)
        step += 1
        progress = (time.monotonic() - start) / (args.minutes * 60)
        bar.n = round(min(progress, 1) * args.minutes * 60)
        bar.set_postfix_str(f'{step} steps ' + ' '.join(f'{k} {float(v.detach()):.3f}' for k, v in terms.items()))
        if time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            save_half(average.model, args.out)
    save_half(average.model, args.out)
    bar.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path, help='configs/rootnet/… or configs/posenet/…_synthetic.py')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--minutes', type=float, default=15)
    parser.add_argument('--weights', type=Path, help='go on from an earlier run')
    parser.add_argument('--lr', type=float, default=1e-3)
    parser.add_argument('--seed', type=int, default=0, help='of the order of people')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    train(parser.parse_args())


if __name__ == '__main__':
    main()
