"""Trains the small RootNet on context crops of rendered people for a given time.

    python projects/synthetic_humans/train_rootnet.py data/synthetic_humans/train_b data/synthetic_humans/train_c \\
        --minutes 48 --out work_dirs/demo_rootnet.pth

It starts from what the small CLIFF has learned, all but the backbone's last stage, and goes on finding joints (``PartLoss``)
while it learns how far away people are, what of them is seen and what their whole bodies cover.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from crops import SIZE, Crops
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, binary_cross_entropy_with_logits
from tqdm import tqdm
from train_posenet import MOST_GRADIENT, SAVE_EVERY, build
from training import MovingAverage, fast_precision, learning_rate, save_half

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import BOX_UNIT, project_points, root_depth_factor
from cliff_ext.models import PartLoss, RootNet
from cliff_ext.models.necks import context_of
from cliff_ext.structures import FullFrame, get_skeleton
from cliff_ext.structures.full_frame import NEAR

CONFIG = 'configs/rootnet/rootnet_res18-parts-masks_128x96_synthetic.py'
DEPTH_WEIGHT = 1.
"""Little, since one number a person is noise to the backbone; Adam lets the head's own layers learn as fast."""
MASK_WEIGHT = 4.
CELLS = (24, 32)
"""Width and height of the masks."""
PELVIS = get_skeleton('spin49').index('gt_pelvis')


class RootLoss(nn.Module):
    """Relative error of the depth, cross-entropy of the masks, and :class:`~cliff_ext.models.PartLoss`.

    Layers of the last are used in training only.
    """

    def __init__(self, model: RootNet) -> None:
        super().__init__()
        neck = model.neck
        self.parts = PartLoss(neck.what.out_channels, neck.out_channels)
        self.body = SMPL().requires_grad_(False)
        self.real_size = model.real_size

    def factor(self, batch: dict[str, Tensor]) -> Tensor:
        """How far away (N,) somebody would be who fills the crop, metres."""
        half = batch['scale'][:, None] * BOX_UNIT / 2 * torch.tensor([SIZE[0] / SIZE[1], 1.])
        bbox = torch.cat([batch['center'] - half, batch['center'] + half], 1)
        return root_depth_factor(bbox, batch['focal'][:, None].expand(-1, 2), self.real_size)

    def forward(self, model: RootNet, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses by name of a batch of :class:`Crops`."""
        frame = FullFrame(batch['center'], batch['scale'], batch['size'], batch['focal'])
        rotmats = torch.cat([batch['global_orient'][:, None], batch['body_pose']], 1)
        body = self.body(batch['global_orient'], batch['body_pose'], batch['betas'], batch['transl'])
        depth = body.joints[:, PELVIS, 2]
        inputs = model.data_preprocessor(dict(inputs=list(batch['crops'])))['inputs']
        with fast_precision('cpu'):
            maps = model.backbone(inputs.contiguous(memory_format=torch.channels_last))
            parts = model.neck.look(maps)
            vector = model.neck.vector(parts, context_of(maps))
            terms = self.parts.compare(parts, vector, frame, rotmats, batch['betas'], batch['transl'])
            masks = model.mask_head(parts)
        gamma = model.head(vector).gamma
        return terms | dict(loss_depth=DEPTH_WEIGHT * (gamma * self.factor(batch) / depth - 1).abs().mean(),
                            loss_masks=MASK_WEIGHT * binary_cross_entropy_with_logits(
                                masks, true_masks(body.vertices, batch['surface'], frame)))


def true_masks(vertices: Tensor, surface: Tensor, frame: FullFrame) -> Tensor:
    """How much (N, 2, 32, 24) of each cell shows the person, and whether the body covers it.

    Args:
        vertices: (N, V, 3) metres, camera frame.
        surface: (N, 64, 48) 0 where the crop does not show the person.
        frame: Where the crops lie.
    """
    points = project_points(vertices, frame.focal_length, frame.image_size / 2)
    cells = (points - frame.center[:, None]) / frame.box[:, None, None] * CELLS[1] + torch.tensor(CELLS) / 2
    x, y = cells.long().unbind(-1)
    inside = ((cells >= 0) & (cells < torch.tensor(CELLS))).all(-1) & (vertices[..., 2] > NEAR)
    covered = torch.zeros(len(cells), CELLS[1] * CELLS[0] + 1)
    covered.scatter_(1, torch.where(inside, y * CELLS[0] + x, CELLS[1] * CELLS[0]), 1.)
    covered = covered[:, :-1].view(-1, 1, CELLS[1], CELLS[0])
    return torch.cat([avg_pool2d((surface > 0).float()[:, None], 2), covered], 1)


def train(model: RootNet, args: argparse.Namespace) -> None:
    """Trains for some minutes and writes the averaged weights every few minutes."""
    rng, loss, average = np.random.default_rng(args.seed), RootLoss(model), MovingAverage(model, 0.998)
    sets = [Crops(folder, surface=True) for folder in args.people]
    ends = np.cumsum([len(crops) for crops in sets])
    parameters = [value for module in (model, loss) for value in module.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(parameters, args.lr, weight_decay=0.02, fused=True)
    model.train().to(memory_format=torch.channels_last)
    start, saved, done = time.monotonic(), time.monotonic(), 0.
    with tqdm(total=round(args.minutes * 60), unit='s', mininterval=20) as bar:
        while done < 1:
            rows = rng.integers(ends[-1], size=args.batch_size)
            which = np.searchsorted(ends, rows, side='right')
            batches = [sets[i].batch(rows[which == i] - (ends[i] - len(sets[i])), rng) for i in np.unique(which)]
            terms = loss(model, {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]})
            for group in optimizer.param_groups:
                group['lr'] = learning_rate(done, args.lr)
            optimizer.zero_grad()
            sum(terms.values()).backward()
            nn.utils.clip_grad_norm_(parameters, MOST_GRADIENT)
            optimizer.step()
            average.update(model)
            done = (time.monotonic() - start) / (60 * args.minutes)
            bar.n = round(min(done, 1) * bar.total)
            parts = ' '.join(f'{name[5:]} {float(value.detach()):.3f}' for name, value in terms.items())
            bar.set_postfix_str(f'{average.steps} steps {parts}')
            if time.monotonic() - saved > SAVE_EVERY:
                saved = time.monotonic()
                save_half(average.model, args.out)
    save_half(average.model, args.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('people', type=Path, nargs='+', help='folders with shard_*.npz')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--minutes', type=float, default=45)
    parser.add_argument('--weights', type=Path, help='go on from an earlier run')
    parser.add_argument('--lr', type=float, default=1e-3)
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--threads', type=int, default=1)
    args = parser.parse_args()
    for name in ('minutes', 'batch_size', 'threads'):
        if getattr(args, name) <= 0:
            parser.error(f'--{name.replace("_", "-")} must be positive, got {getattr(args, name):g}')
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    init_default_scope('cliff_ext')
    train(build(Config.fromfile(CONFIG), args.weights), args)


if __name__ == '__main__':
    main()
