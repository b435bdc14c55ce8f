"""Trains a FeedbackHead on a trunk that stays as it is: on simulated maps of many poses, then on what the trunk sees.

    python projects/synthetic_humans/train_head.py ../shared/mocap/train.npz data/synthetic_humans/train_nat \\
        data/synthetic_humans/train --out work_dirs/demo_cliff.pth

The trunk looks at every crop once for each time its folder is named, augmented anew; OUT's folder keeps what it saw. Minutes
of motion hold few poses and pictures take long to draw, while maps of any pose before any camera cost nothing: a head that
saw only what was drawn (``--simulated-steps 0``) is worse. The head is a new one unless ``--keep-head``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from mmengine.config import DictAction
from mmengine.registry import init_default_scope
from motions import load_motions
from poses import PoseSource
from sight import People, SimulatedSight, see
from torch import nn
from tqdm import tqdm
from training import MovingAverage, learning_rate, save_half, small_cliff

from cliff_ext.apis import mesh_errors
from cliff_ext.body_models import SMPL
from cliff_ext.models import FeedbackHead, RenderedHumanLoss

EARLY_WEIGHT = 0.5
"""How much the losses of the head's earlier steps count."""


def shuffled(people: People, rng: np.random.Generator, size: int) -> Iterator[People]:
    """Batches, epoch after epoch."""
    while True:
        order = torch.from_numpy(rng.permutation(len(people)))
        for start in range(0, len(order) - size + 1, size):
            yield people[order[start:start + size]]


def train(head: FeedbackHead, batches: Iterator[People], steps: int, peak: float, label: str) -> FeedbackHead:
    """Trains a head for some steps; returns its moving average."""
    loss, average = RenderedHumanLoss(), MovingAverage(head, 0.998)
    optimizer = torch.optim.AdamW(head.parameters(), peak, weight_decay=0.02, fused=True)
    head.train()
    bar = tqdm(islice(batches, steps), total=steps, desc=label, mininterval=20)
    for i, people in enumerate(bar):
        total = 0.
        *early, last = head.refine(people.feature, people.frame.bbox_info)
        for weight, out in ((1., last), *((EARLY_WEIGHT, out) for out in early)):
            terms = loss.compare(out, people.frame, people.rotmats, people.betas, people.transl)
            total = total + weight * sum(terms.values())
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(i / steps, peak, 0.03)
        optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 10.)
        optimizer.step()
        average.update(head)
        if i % 50 == 0:
            bar.set_postfix(loss=float(total.detach()))
    return average.model


@torch.no_grad()
def judge(head: FeedbackHead, people: People, body: SMPL) -> str:
    """Errors of a head on people whom the trunk saw."""
    parts = []
    for start in range(0, len(people), 256):
        batch = people[torch.arange(start, min(start + 256, len(people)))]
        parts.append(head(batch.feature, batch.frame.bbox_info))
    ours = [torch.cat([getattr(part, name) for part in parts]) for name in ('global_orient', 'body_pose', 'betas')]
    errors = mesh_errors(body, ours, [people.rotmats[:, 0], people.rotmats[:, 1:], people.betas])
    return ', '.join(f'{name} {value:.1f}' for name, value in errors.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('motions', type=Path, help='as generate.py takes them')
    parser.add_argument('people', type=Path, nargs='+', help='folders with shard_*.npz; name one twice to see it twice')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--test', type=Path, help='folder with shard_*.npz to judge the head on')
    parser.add_argument('--trunk', default='embedded:demo_cliff.pth', help='checkpoint whose backbone and neck are used')
    parser.add_argument('--keep-head', action='store_true', help="go on from that checkpoint's head")
    parser.add_argument('--mixed', type=int, default=60000, help='poses put together from limbs of several')
    parser.add_argument('--simulated-steps', type=int, default=3000, help='of 256 people')
    parser.add_argument('--epochs', type=int, default=6, help='over what the trunk saw')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    args = parser.parse_args()
    init_default_scope('cliff_ext')
    torch.manual_seed(args.seed)
    rng, cache, body = np.random.default_rng(args.seed), args.out.parent / 'sight', SMPL()
    cache.mkdir(parents=True, exist_ok=True)
    model = small_cliff(args.trunk, ('backbone', 'neck', *['head'] * args.keep_head), args.cfg_options)
    seen = see(args.people, cache, lambda: model, args.seed)
    judged = see([args.test], cache, lambda: model, None) if args.test else None
    size = min(128, len(seen))
    stages = [('people seen', shuffled(seen, rng, size), args.epochs * (len(seen) // size), 1e-3)]
    if args.simulated_steps:
        natural = np.concatenate([motion.rotmats for motion in load_motions(args.motions)])
        mixed = PoseSource(natural, 0.9).draw(rng, args.mixed)
        simulated = SimulatedSight(seen, model.head.map_size, natural, mixed)
        stages.insert(0, ('simulated people', iter(lambda: simulated.draw(rng, 256), None), args.simulated_steps, 2e-3))
    for label, batches, steps, peak in stages:
        model.head = train(model.head, batches, steps, peak, label)
        save_half(model, args.out)
        if judged:
            print(f'after {label}: {judge(model.head, judged, body)}', flush=True)


if __name__ == '__main__':
    main()
