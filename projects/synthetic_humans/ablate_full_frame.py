"""The paper's ablation on rendered people: three heads on one trunk, with what the recipes of configs/cliff differ in.

    python projects/synthetic_humans/ablate_full_frame.py data/synthetic_humans/train data/synthetic_humans/test

The shipped CLIFF's backbone and neck look at every crop once; then three new heads are trained on what they saw: without
bbox_info and with the loss in the crop, with bbox_info, and with the loss in the full frame too. So differences are the
head's and the loss's alone, and minutes are enough. Writes OUT/people.npz, each person's errors, and prints means.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from ablation_data import Seen, look
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn
from tqdm import tqdm
from training import learning_rate

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.evaluation.functional import joint_errors, orientation_error, pa_joint_errors
from cliff_ext.geometry import rotmat_to_rotvec
from cliff_ext.io import atomic_path
from cliff_ext.models import CLIFF
from cliff_ext.registry import MODELS

SHIPPED = 'configs/cliff/cliff_res18-parts_128x96_synthetic.py'
RECIPE = 'configs/cliff/cliff_res18_1xb64-30e_synthetic-128x96{}.py'
HEAD = dict(type='CLIFFHead', in_channels=3120, dropout=0., iterations=1, act_cfg=dict(type='ReLU'))
VARIANTS = {'no bbox_info, crop loss': '_crop-loss_no-bbox-info', 'bbox_info, crop loss': '_crop-loss',
            'bbox_info, full-frame loss': ''}
FIGURES = ('mpjpe', 'pa_mpjpe', 'orientation', 'lean')


class Joints(nn.Module):
    """A body without its surface, which these losses do not look at."""

    def __init__(self, body: SMPL) -> None:
        super().__init__()
        self.joints = SMPLJoints(body)

    def forward(self, global_orient: Tensor, body_pose: Tensor, betas: Tensor) -> SimpleNamespace:
        rotmats = torch.cat([global_orient[:, None], body_pose], 1)
        return SimpleNamespace(joints=self.joints(rotmats, betas, betas.new_zeros(len(betas), 3)))


def build(ending: str) -> CLIFF:
    """A new head with the loss and the knowledge of a recipe, for features in place of pictures."""
    recipe, shipped = Config.fromfile(RECIPE.format(ending)).model, Config.fromfile(SHIPPED).model
    model = MODELS.build(dict(shipped, head=HEAD, loss=recipe.loss, bbox_info=recipe.get('bbox_info', True)))
    model.backbone = model.neck = nn.Identity()
    model.loss_module.body = Joints(model.loss_module.body)
    return model


def train(model: CLIFF, seen: Seen, args: argparse.Namespace, seed: int, label: str) -> CLIFF:
    """Trains a head; the same ``seed`` gives every variant the same people in the same order."""
    rng, clip = np.random.default_rng(seed), Config.fromfile(RECIPE.format('')).optim_wrapper.clip_grad
    optimizer = torch.optim.AdamW(model.head.parameters(), args.lr, fused=True)
    steps = len(seen) // args.batch_size * args.epochs
    bar = tqdm(total=steps, desc=label, mininterval=20)
    for _ in range(args.epochs):
        order = rng.permutation(len(seen))
        for start in range(0, len(order) - args.batch_size + 1, args.batch_size):
            features, samples = seen.batch(order[start:start + args.batch_size])
            terms = model.loss(features, samples)
            for group in optimizer.param_groups:
                group['lr'] = learning_rate(bar.n / steps, args.lr)
            optimizer.zero_grad()
            sum(terms.values()).backward()
            nn.utils.clip_grad_norm_(model.head.parameters(), **clip)
            optimizer.step()
            bar.update()
        bar.set_postfix_str(' '.join(f'{name[5:]} {float(term.detach()):.2f}' for name, term in terms.items()))
    bar.close()
    return model.eval()


def lean(found: Tensor, truth: Tensor, axis: Tensor) -> Tensor:
    """How far (N,), in degrees, bodies are turned the way that the view turns from the picture's middle to them.

    0 where an orientation is right in the full camera, minus the ray's angle where it is right in the crop only.

    Args:
        found: (N, 3, 3) estimated orientations.
        truth: (N, 3, 3).
        axis: (N, 3) unit axes of that turn.
    """
    return (rotmat_to_rotvec(found @ truth.transpose(1, 2)).rad2deg() * axis).sum(1)


@torch.no_grad()
def errors(model: CLIFF, seen: Seen, body: SMPL) -> dict[str, Tensor]:
    """Of each person (N,): joints in mm, orientation in degrees, and :func:`lean`."""
    rows: dict[str, list[Tensor]] = {name: [] for name in FIGURES}
    for index in np.array_split(np.arange(len(seen)), max(1, len(seen) // 256)):
        features, samples = seen.batch(index)
        frame = seen.frame(index)
        out = model.estimate(features, frame)
        truth = [torch.cat([sample.gt_instances[name] for sample in samples])
                 for name in ('global_orient', 'body_pose', 'betas')]
        joints, true_joints = (pose.smpl_joints - pose.smpl_joints[:, :1] for pose in (
            body(out.global_orient, out.body_pose, out.betas), body(*truth)))
        rows['mpjpe'].append(joint_errors(joints, true_joints))
        rows['pa_mpjpe'].append(pa_joint_errors(joints, true_joints))
        rows['orientation'].append(orientation_error(out.global_orient, truth[0]))
        rows['lean'].append(lean(out.global_orient, truth[0], seen.turn(index)))
    return {name: torch.cat(parts).float() for name, parts in rows.items()}


def show(results: dict[str, list[dict[str, Tensor]]], places: dict[str, Tensor]) -> None:
    """A table: mean and median over the people of a place, then over seeds, and the spread between seeds."""
    for place, rows in places.items():
        print(f'\n{place}: {int(rows.sum())} people')
        for label, runs in results.items():
            parts = [label.ljust(28)]
            for name in FIGURES:
                kinds = (('median', torch.median), ) if name == 'lean' else (('mean', torch.mean), ('median', torch.median))
                for kind, reduce in kinds:
                    values = torch.stack([reduce(run[name][rows]) for run in runs])
                    spread = float(values.max() - values.min()) / 2
                    parts.append(f'{name} {kind} {float(values.mean()):.1f} ± {spread:.1f}')
            print(', '.join(parts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('train', type=Path, help='folder with shard_*.npz')
    parser.add_argument('test', type=Path, help='folder with shard_*.npz')
    parser.add_argument('--out', type=Path, default=Path('outputs/ablation'))
    parser.add_argument('--epochs', type=int, default=12)
    parser.add_argument('--batch-size', type=int, default=128)
    parser.add_argument('--lr', type=float, default=1.5e-3, help='high, as the head must learn a product')
    parser.add_argument('--seeds', type=int, default=2)
    args = parser.parse_args()
    init_default_scope('cliff_ext')
    args.out.mkdir(parents=True, exist_ok=True)
    body = SMPL().eval()
    seen = look(args.train, args.out / 'train.npy', SHIPPED, augment=True)
    judged = look(args.test, args.out / 'test.npy', SHIPPED, augment=False)
    results: dict[str, list[dict[str, Tensor]]] = {label: [] for label in VARIANTS}
    for seed in range(args.seeds):
        for label, ending in VARIANTS.items():
            torch.manual_seed(seed)
            model = train(build(ending), seen, args, seed, f'{label}, seed {seed}')
            results[label].append(errors(model, judged, body))
        columns = {f'{name}/{key}': torch.stack([run[key] for run in runs]).numpy()
                   for name, runs in results.items() for key in FIGURES}
        with atomic_path(args.out / 'people.npz') as path:
            np.savez(path, border=judged.border, angle=judged.angle, **columns)
    border = torch.from_numpy(judged.border)
    show(results, dict(border=border, middle=~border, all=torch.ones_like(border)))


if __name__ == '__main__':
    main()
