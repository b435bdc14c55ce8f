"""Trains the small CLIFF on rendered people, on a CPU in bfloat16 or on a GPU.

    python projects/synthetic_humans/train_cliff.py data/synthetic_humans/train --out work_dirs/cliff.pth --minutes 45
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn
from torch.nn.functional import mse_loss, smooth_l1_loss
from tqdm import tqdm
from training import MovingAverage, learning_rate, save_half

from cliff_ext.body_models import PARENTS, SMPL
from cliff_ext.geometry import project_points, transl_to_crop_cam
from cliff_ext.models import CLIFFHeadOutput
from cliff_ext.models.estimators.cliff import FullFrame
from cliff_ext.registry import MODELS

CONFIG = 'configs/cliff/cliff_res18_128x96_synthetic.py'
SIZE = (96, 128)
CONTEXT_SIZE = (144, 192)
MIRROR = np.array([0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20, 23, 22])
FIELDS = ('crops', 'center', 'scale', 'size', 'focal', 'global_orient', 'body_pose', 'betas', 'transl')


class Crops:
    """All context crops of a rendered data set, in memory, and their augmentation."""

    def __init__(self, folder: Path) -> None:
        files = sorted(folder.glob('shard_*.npz'))
        if not files:
            raise FileNotFoundError(f'{folder}: no shard_*.npz; render them first with generate.py')
        parts: dict[str, list[np.ndarray]] = {name: [] for name in FIELDS}
        for file in files:
            with np.load(file, allow_pickle=False) as data:
                for name in FIELDS:
                    parts[name].append(data[name])
        self.data = {name: np.concatenate(parts.pop(name)) for name in FIELDS}

    def __len__(self) -> int:
        return len(self.data['scale'])

    def batch(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[str, Tensor]:
        """Crops (N, 3, 128, 96) in [0, 255] with their ground truth; augmented if ``rng`` is given."""
        part = {name: values[rows] for name, values in self.data.items()}
        count = len(rows)
        grow, shift = np.ones(count), np.zeros((count, 2))
        if rng is not None:
            grow = np.exp(np.clip(rng.normal(0.02, 0.11, count), -0.25, 0.28))
            shift = np.clip(rng.normal(size=(count, 2)) * 0.05, -0.12, 0.12)
        inputs = np.empty((count, SIZE[1], SIZE[0], 3), np.uint8)
        for i, crop in enumerate(part['crops']):
            step = grow[i]
            start = np.array(CONTEXT_SIZE) / 2 + shift[i] * SIZE[1] - np.array(SIZE) / 2 * step + (step - 1) / 2
            affine = np.array([[step, 0, start[0]], [0, step, start[1]]])
            inputs[i] = cv2.warpAffine(crop, affine, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        part['center'] = part['center'] + shift * part['scale'][:, None] * 200
        part['scale'] = part['scale'] * grow
        part['crops'] = inputs.transpose(0, 3, 1, 2)
        batch = {name: torch.from_numpy(np.ascontiguousarray(v)).float() for name, v in part.items()}
        if rng is None:
            return batch
        flips = rng.random(count) < 0.5
        return _recolor(_mirror(batch, torch.from_numpy(flips)), rng)


def _mirror(batch: dict[str, Tensor], flips: Tensor) -> dict[str, Tensor]:
    """Mirrors the chosen samples: picture, place in the frame, and pose."""
    mirror = torch.diag(torch.tensor([-1., 1., 1.]))
    pose = torch.cat([batch['global_orient'][:, None], batch['body_pose']], 1)
    flipped = mirror @ pose[:, MIRROR] @ mirror
    pose = torch.where(flips[:, None, None, None], flipped, pose)
    across = torch.stack([batch['size'][:, 0] - batch['center'][:, 0], batch['center'][:, 1]], 1)
    return batch | dict(
        crops=torch.where(flips[:, None, None, None], batch['crops'].flip(3), batch['crops']),
        center=torch.where(flips[:, None], across, batch['center']),
        transl=torch.where(flips[:, None], batch['transl'] * torch.tensor([-1., 1., 1.]), batch['transl']),
        global_orient=pose[:, 0], body_pose=pose[:, 1:])


def _recolor(batch: dict[str, Tensor], rng: np.random.Generator) -> dict[str, Tensor]:
    """Brightness, contrast, colour cast, grey, noise, and a hiding patch."""
    crops = batch['crops']
    count = len(crops)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.from_numpy(rng.uniform(low, high, (count, *shape))).float()

    mean = crops.mean((1, 2, 3), keepdim=True)
    crops = (crops - mean) * uniform(0.7, 1.35, 1, 1, 1) + mean * uniform(0.7, 1.3, 1, 1, 1)
    crops = crops * uniform(0.85, 1.15, 3, 1, 1)
    grey = uniform(0, 1, 1, 1, 1) < 0.1
    crops = torch.where(grey, crops.mean(1, keepdim=True), crops)
    crops = crops + torch.randn_like(crops) * uniform(0, 8, 1, 1, 1)
    for i in np.flatnonzero(rng.random(count) < 0.25):
        x, y = rng.integers(0, SIZE[0] - 20), rng.integers(0, SIZE[1] - 20)
        w, h = rng.integers(8, 40), rng.integers(8, 56)
        crops[i, :, y:y + h, x:x + w] = torch.from_numpy(rng.uniform(0, 255, (3, 1, 1))).float()
    return batch | dict(crops=crops.clamp(0, 255))


class Skeleton24(nn.Module):
    """Joints of SMPL without its mesh, for losses."""

    def __init__(self, body: SMPL) -> None:
        super().__init__()
        regressor = body.body.J_regressor
        self.register_buffer('rest', regressor @ body.body.v_template)
        self.register_buffer('shapes', torch.einsum('jv,vcb->jcb', regressor, body.body.shapedirs))

    def forward(self, global_orient: Tensor, body_pose: Tensor, betas: Tensor) -> Tensor:
        """Joints (N, 24, 3) for SMPL parameters, before the translation."""
        rest = self.rest + torch.einsum('jcb,nb->njc', self.shapes, betas)
        rotation, place = [global_orient], [rest[:, 0]]
        for joint in range(1, 24):
            parent = PARENTS[joint]
            place.append(place[parent] + (rotation[parent] @ (rest[:, joint] - rest[:, parent])[..., None])[..., 0])
            rotation.append(rotation[parent] @ body_pose[:, joint - 1])
        return torch.stack(place, 1)


def losses(out: CLIFFHeadOutput, batch: dict[str, Tensor], frame: FullFrame, skeleton: Skeleton24) -> dict[str, Tensor]:
    """The terms of one refinement step; joints in 2D are compared in the full frame and measured in boxes."""
    truth = skeleton(batch['global_orient'], batch['body_pose'], batch['betas'])
    ours = skeleton(out.global_orient, out.body_pose, out.betas)
    transl = frame.transl(out.crop_cam)
    near = batch['transl'][:, 2:]
    transl = torch.cat([transl[:, :2], torch.minimum(torch.maximum(transl[:, 2:], 0.5 * near), 2 * near)], 1)
    centre, box = frame.image_size / 2, frame.scale * 200
    flat = project_points((ours + transl[:, None]).float(), frame.focal_length, centre)
    flat_truth = project_points(truth + batch['transl'][:, None], frame.focal_length, centre)
    camera = transl_to_crop_cam(batch['transl'], frame.center, frame.scale, frame.image_size, frame.focal_length)
    return dict(
        orient=5 * mse_loss(out.global_orient, batch['global_orient']),
        pose=5 * mse_loss(out.body_pose, batch['body_pose']),
        joints=20 * smooth_l1_loss(ours - ours[:, :1], truth - truth[:, :1], beta=0.05),
        flat=smooth_l1_loss(((flat - flat_truth) / box[:, None, None]).clamp(-1, 1), torch.zeros_like(flat), beta=0.1),
        camera=smooth_l1_loss(out.crop_cam, camera, beta=0.1),
        betas=0.05 * mse_loss(out.betas, batch['betas']))


def train(folder: Path, out: Path, minutes: float, batch_size: int, peak: float, device: str) -> None:
    """Trains for a given time and writes the averaged weights every few minutes."""
    cfg = Config.fromfile(CONFIG)
    init_default_scope('cliff_ext')
    model = MODELS.build(cfg.model)
    model.init_weights()
    for decoder in (model.head.decpose, model.head.decshape, model.head.deccam):
        nn.init.xavier_uniform_(decoder.weight, gain=0.05)  # CLIFF's 0.01 suits a pretrained backbone
    model.head.init_pose[0, 3] = -1.  # start upright: y of the body is up, y of the camera down
    model.to(device, memory_format=torch.channels_last).train()
    average = MovingAverage(model)
    skeleton = Skeleton24(SMPL()).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), peak, weight_decay=0.02)
    crops, rng = Crops(folder), np.random.default_rng(0)
    print(f'{len(crops)} people', flush=True)
    start, saved, step, order = time.monotonic(), 0., 0, np.empty(0, int)
    bar = tqdm(total=round(minutes * 60), unit='s', mininterval=20)
    while (progress := (time.monotonic() - start) / (minutes * 60)) < 1:
        if len(order) < batch_size:
            order = rng.permutation(len(crops))
        rows, order = order[:batch_size], order[batch_size:]
        batch = {k: v.to(device) for k, v in crops.batch(rows, rng).items()}
        frame = FullFrame(batch['center'], batch['scale'], batch['size'], batch['focal'])
        inputs = model.data_preprocessor(dict(inputs=list(batch['crops'])))['inputs']
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            feature = model.extract_feat(inputs.contiguous(memory_format=torch.channels_last))
        terms = losses(model.head(feature.float(), frame.bbox_info), batch, frame, skeleton)
        loss = sum(terms.values())
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(progress, peak)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.)
        optimizer.step()
        average.update(model)
        step += 1
        bar.n = round(progress * minutes * 60)
        bar.set_postfix_str(f'{step * batch_size} crops ' + ' '.join(f'{k} {float(v):.3f}' for k, v in terms.items()))
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            save_half(average.model, out)
    save_half(average.model, out)
    bar.close()
    print(f'{step} steps of {batch_size} crops; weights in {out}')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path)
    parser.add_argument('--out', type=Path, default=Path('work_dirs/demo_cliff.pth'))
    parser.add_argument('--minutes', type=float, default=45)
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--lr', type=float, default=4e-4)
    parser.add_argument('--device', default='cpu')
    args = parser.parse_args()
    torch.manual_seed(0)
    train(args.data, args.out, args.minutes, args.batch_size, args.lr, args.device)


if __name__ == '__main__':
    main()
