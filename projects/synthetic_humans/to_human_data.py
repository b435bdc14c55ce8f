"""Rendered people as HumanData, so that the recipes of configs/cliff train on them as on any data set.

    python projects/synthetic_humans/to_human_data.py data/synthetic_humans/train data/synthetic_humans/train.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import project_points, rotmat_to_rotvec
from cliff_ext.io import HumanData, save_human_data

FIELDS = ('frame', 'bbox', 'size', 'focal', 'global_orient', 'body_pose', 'betas', 'transl')
BORDER = 0.3
"""People whose box's middle is farther from the frame's middle than this share of its width or height are at its border."""
CHUNK = 256


@torch.no_grad()
def read_shard(file: Path, body: SMPL) -> HumanData:
    """The people of one shard of ``generate.py``."""
    with np.load(file, allow_pickle=False) as data:
        rows = {name: data[name] for name in FIELDS}
    params = [torch.from_numpy(rows[name]).float() for name in ('global_orient', 'body_pose', 'betas', 'transl')]
    joints = torch.cat([body(*parts).joints for parts in zip(*(p.split(CHUNK) for p in params), strict=True)])
    size, focal = (torch.from_numpy(rows[name]).float() for name in ('size', 'focal'))
    sure = torch.ones_like(joints[..., :1])
    points = project_points(joints, focal, size / 2)
    middle = (rows['bbox'][:, :2] + rows['bbox'][:, 2:]) / 2
    far = (np.abs(middle / rows['size'] - 0.5) > BORDER).any(1)
    return HumanData(
        [f'images/{frame:06d}.jpg' for frame in rows['frame'].tolist()], rows['bbox'], dataset='synthetic_humans',
        keypoints2d=torch.cat([points, sure], 2).numpy(), keypoints2d_skeleton='spin49',
        keypoints3d=torch.cat([joints, sure], 2).numpy(), keypoints3d_skeleton='spin49',
        global_orient=rotmat_to_rotvec(params[0]).numpy(), body_pose=rotmat_to_rotvec(params[1]).numpy(),
        betas=rows['betas'], transl=rows['transl'], focal_length=rows['focal'], image_size=rows['size'],
        action=np.where(far, 'border', 'middle'))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path, help='folder with shard_*.npz and images')
    parser.add_argument('out', type=Path)
    args = parser.parse_args()
    files = sorted(args.data.glob('shard_*.npz'))
    if not files:
        raise FileNotFoundError(f'{args.data}: no shard_*.npz; render them first with generate.py')
    body = SMPL().eval()
    people = HumanData.concatenate([read_shard(file, body) for file in files])
    save_human_data(args.out, people)
    print(f'{len(people)} people, {(people.action == "border").sum()} of them at the border: {args.out}')


if __name__ == '__main__':
    main()
