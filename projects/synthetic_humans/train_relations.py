"""Trains the relations between the cells of the small CLIFF's maps; what comes before them stays as it is.

    python projects/synthetic_humans/train_relations.py data/synthetic_humans/train_nat data/synthetic_humans/train \\
        --out work_dirs/demo_cliff.pth

First they learn to tell the joints apart, on the joints' maps alone, then together with the head, which goes on from the
checkpoint's. The trunk looks at every crop once for each time its folder is named, augmented anew; OUT's folder keeps
what it saw, 120 kB a crop.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from mmengine.registry import init_default_scope
from sight import People, see
from torch import Tensor, nn
from tqdm import tqdm
from train_head import EARLY_WEIGHT, judge, shuffled
from training import MovingAverage, learning_rate, save_half, small_cliff

from cliff_ext.body_models import SMPL
from cliff_ext.models import CLIFFHeadOutput, PartFeatures, PartLoss, RenderedHumanLoss
from cliff_ext.models.necks import context_of

LEARNING = ('relations', 'where', 'what', 'fine_top', 'fine_merge', 'fine_where')
"""What of the neck learns."""


class Reader(nn.Module):
    """A CLIFF that goes on from what its neck has before the relations, kept as one vector."""

    def __init__(self, trunk: str) -> None:
        super().__init__()
        self.model = small_cliff(trunk)
        neck, (width, height) = self.model.neck, self.model.head.map_size
        self.shapes = ((neck.where.in_channels, height // 2, width // 2), (neck.fine_where.in_channels, height, width))
        self.data_preprocessor = self.model.data_preprocessor

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Normalised crops (N, 3, h, w) to vectors (N, C)."""
        maps, neck = self.model.backbone(inputs), self.model.neck
        parts = neck.merged(maps[1:]), neck.fine_lateral(maps[0].float()), context_of(maps)
        return torch.cat([part.flatten(1) for part in parts], 1)

    def look(self, feature: Tensor) -> tuple[PartFeatures, Tensor]:
        """Those vectors to parts and the neck's vector."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        merged, fine, context = feature.split([*sizes, feature.shape[1] - sum(sizes)], 1)
        parts = self.model.neck.read(merged.unflatten(1, self.shapes[0]), fine.unflatten(1, self.shapes[1]), context)
        return parts, self.model.neck.vector(parts, context)

    def forward(self, feature: Tensor, bbox_info: Tensor) -> CLIFFHeadOutput:
        """Those vectors and box information (N, 3) to SMPL parameters, as a head."""
        parts, vector = self.look(feature)
        return self.model.head(self.model.neck.told(vector, parts), bbox_info)


def losses(reader: Reader, people: People, maps: PartLoss, body: RenderedHumanLoss | None) -> Tensor:
    """Of the maps; and of the head, if ``body`` judges it."""
    truth = people.rotmats, people.betas, people.transl
    parts, vector = reader.look(people.feature)
    total = sum(maps.compare(parts, vector, people.frame, *truth).values())
    if body is None:
        return total
    *early, last = reader.model.head.refine(reader.model.neck.told(vector, parts), people.frame.bbox_info)
    for weight, out in ((1., last), *((EARLY_WEIGHT, out) for out in early)):
        total = total + weight * sum(body.compare(out, people.frame, *truth).values())
    return total


def train(reader: Reader, maps: PartLoss, batches: Iterator[People], minutes: float, peak: float,
          with_head: bool) -> Reader:
    """Trains for some minutes; returns the moving average."""
    model = reader.model
    learning = [getattr(model.neck, name) for name in LEARNING] + [maps] + [model.head] * with_head
    model.requires_grad_(False)
    parameters = [value.requires_grad_() for module in learning for name, value in module.named_parameters()
                  if not name.startswith('skeleton.')]
    model.head.train(with_head)
    optimizer, average = torch.optim.AdamW(parameters, peak, weight_decay=0.02, fused=True), MovingAverage(reader, 0.998)
    body = RenderedHumanLoss() if with_head else None
    start, done, label = time.time(), 0., 'maps and head' if with_head else 'maps'
    with tqdm(total=round(minutes * 60), unit='s', desc=label, mininterval=20) as bar:
        while done < 1:
            total = losses(reader, next(batches), maps, body)
            for group in optimizer.param_groups:
                group['lr'] = learning_rate(done, peak, 0.03)
            optimizer.zero_grad()
            total.backward()
            nn.utils.clip_grad_norm_(parameters, 10.)
            optimizer.step()
            average.update(reader)
            done = (time.time() - start) / (60 * minutes)
            bar.set_postfix(loss=float(total.detach()), steps=average.steps, refresh=False)
            bar.update(min(round(time.time() - start), bar.total) - bar.n)
    return average.model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('people', type=Path, nargs='+', help='folders with shard_*.npz; name one twice to see it twice')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--test', type=Path, help='folder with shard_*.npz to judge on')
    parser.add_argument('--trunk', default='embedded:demo_cliff.pth', help='checkpoint to start from')
    parser.add_argument('--minutes', type=float, nargs=2, default=(25., 15.), metavar=('MAPS', 'BOTH'))
    parser.add_argument('--seed', type=int, default=1)
    args = parser.parse_args()
    if min(args.minutes) <= 0:
        parser.error(f'--minutes must be positive, got {args.minutes}')
    init_default_scope('cliff_ext')
    torch.manual_seed(args.seed)
    cache = args.out.parent / 'before_relations'
    cache.mkdir(parents=True, exist_ok=True)
    reader, body = Reader(args.trunk), SMPL()
    people = see(args.people, cache, lambda: reader, args.seed)
    judged = see([args.test], cache, lambda: reader, None) if args.test else None
    maps = PartLoss(reader.model.neck.what.out_channels, reader.model.head.in_channels)
    batches = shuffled(people, np.random.default_rng(args.seed), min(64, len(people)))
    for minutes, peak, with_head in zip(args.minutes, (1e-3, 5e-4), (False, True), strict=True):
        reader = train(reader, maps, batches, minutes, peak, with_head)
        save_half(reader.model, args.out)
        if judged:
            print(f'after {minutes:g} minutes: {judge(reader, judged, body)}', flush=True)


if __name__ == '__main__':
    main()
