"""Renders a data set of synthetic people with full-frame SMPL ground truth.

    python projects/synthetic_humans/generate.py MOTIONS --out data/synthetic_humans/train --frames 12000

MOTIONS is an archive of mocap poses, an AMASS npz, a BVH file, or a folder of them. Each shard holds pictures, boxes in
COCO's json for a detector, and context crops with SMPL parameters for CLIFF. ``surface/`` tells which vertex of which person
of the shards is seen in every second pixel.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import cv2
import numpy as np
import torch
from crops import CONTEXT, CONTEXT_SIZE
from motions import load_motions
from poses import PoseSource
from scene import random_scene, surface_of
from tqdm import tqdm

from cliff_ext.body_models import OPEN_BODY, SMPL
from cliff_ext.geometry import bbox_to_center_scale, crop_image

SHARD = 250
MIN_VISIBLE = 0.25
PLACE_FIELDS = ('focal', 'size', 'frame', 'crops', 'center', 'scale')
PERSON_FIELDS = ('global_orient', 'body_pose', 'betas', 'transl', 'bbox', 'visible')


def make_shard(poses: PoseSource, out: Path, index: int, frames: int, seed: int) -> int:
    """Renders one shard; returns how many people it shows. A finished shard is left as it is."""
    target = out / f'shard_{index:04d}.npz'
    if target.exists():
        with np.load(target) as data:
            return len(data['betas'])
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    body = SMPL()
    with np.load(OPEN_BODY) as arrays:
        region, rest = arrays['vertex_region'], arrays['v_template']
    regions = json.loads(OPEN_BODY.with_suffix('.json').read_text())['regions']
    rng = np.random.default_rng([seed, index])
    rows: dict[str, list] = {name: [] for name in (*PERSON_FIELDS, *PLACE_FIELDS)}
    for frame in range(frames):
        scene = random_scene(rng, body, region, regions, rest, poses)
        number = index * SHARD + frame
        cv2.imwrite(str(out / 'images' / f'{number:06d}.jpg'), scene['image'], [cv2.IMWRITE_JPEG_QUALITY, 90])
        width, height = scene['bbox'][:, 2] - scene['bbox'][:, 0], scene['bbox'][:, 3] - scene['bbox'][:, 1]
        kept = np.flatnonzero((scene['visible'] > MIN_VISIBLE) & (width > 12) & (height > 24))
        cv2.imwrite(str(out / 'surface' / f'{number:06d}.png'), surface_of(scene['surface'], kept, len(rest)))
        for i in kept:
            center, scale = bbox_to_center_scale(torch.from_numpy(scene['bbox'][i]))
            crop = crop_image(scene['image'], center.numpy(), float(scale) * CONTEXT, CONTEXT_SIZE)
            for name in PERSON_FIELDS:
                rows[name].append(scene[name][i])
            place = (scene['focal'], scene['size'], number, np.round(crop).astype(np.uint8), center.numpy(), float(scale))
            for name, value in zip(PLACE_FIELDS, place, strict=True):
                rows[name].append(value)
    arrays = {name: np.asarray(value) for name, value in rows.items()}
    arrays = {name: a.astype(np.float32) if a.dtype == np.float64 else a for name, a in arrays.items()}
    temporary = target.with_suffix('.part.npz')
    np.savez(temporary, **arrays)
    temporary.replace(target)
    return len(arrays['betas'])


def write_coco(out: Path) -> Path:
    """Collects the shards' boxes into COCO's json."""
    images: dict[int, dict] = {}
    annotations = []
    for file in sorted(out.glob('shard_*.npz')):
        with np.load(file) as data:
            rows = zip(data['frame'].tolist(), data['bbox'].tolist(), data['size'].tolist(), strict=True)
            for frame, (x1, y1, x2, y2), (width, height) in rows:
                images[frame] = dict(id=frame, file_name=f'{frame:06d}.jpg', width=width, height=height)
                annotations.append(dict(id=len(annotations) + 1, image_id=frame, category_id=1, iscrowd=0,
                                        bbox=[x1, y1, x2 - x1, y2 - y1], area=(x2 - x1) * (y2 - y1)))
    path = out / 'coco.json'
    path.write_text(json.dumps(dict(images=list(images.values()), annotations=annotations,
                                    categories=[dict(id=1, name='person')])))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('motions', type=Path)
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--frames', type=int, default=12000)
    parser.add_argument('--workers', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--mixed', type=float, default=0., help='share of the poses put together from limbs of several')
    args = parser.parse_args()
    for name in ('images', 'surface'):
        (args.out / name).mkdir(parents=True, exist_ok=True)
    shards = -(-args.frames // SHARD)
    poses = PoseSource(np.concatenate([motion.rotmats for motion in load_motions(args.motions)]), args.mixed)
    people = 0
    fresh = multiprocessing.get_context('spawn')  # a fork of a process whose OpenCV has threads waits for them for ever
    with ProcessPoolExecutor(args.workers, fresh) as pool:
        jobs = [pool.submit(make_shard, poses, args.out, i, min(SHARD, args.frames - i * SHARD), args.seed)
                for i in range(shards)]
        for job in tqdm(as_completed(jobs), total=shards, unit='shard', desc='rendering'):
            people += job.result()
    print(f'{args.frames} pictures, {people} people; boxes in {write_coco(args.out)}')


if __name__ == '__main__':
    main()
