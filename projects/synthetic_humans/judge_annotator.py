"""How far the annotator brings a network towards the truth, given noisy 2D keypoints of rendered people alone.

    python projects/synthetic_humans/judge_annotator.py data/synthetic_humans/test.npz data/synthetic_humans/test \
        --people 500 --noise 0.01 --out outputs/judge_annotator

Prints PVE, PA-MPJPE and the error of the global orientation before and after the fine-tuning, and of SMPLify, which starts
where the fine-tuning does and sees the same keypoints.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from mmengine.config import DictAction

from cliff_ext.apis.annotation import annotate, load_keypoints
from cliff_ext.apis.fitting import build_fit_pipeline
from cliff_ext.body_models import SMPL, SMPLOutput
from cliff_ext.datasets.converters.base import SPIN49_OF
from cliff_ext.evaluation.functional import joint_errors, orientation_error, pa_joint_errors
from cliff_ext.geometry import rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.io import HumanData, load_human_data, save_human_data
from cliff_ext.structures import HumanTrack

CONFIGS = Path(__file__).parents[2] / 'configs'
CONFIG = CONFIGS / 'annotator/cliff-annotator_res18-parts_128x96_synthetic.py'
FIT = CONFIGS / 'fit/smplify.py'


def noisy_keypoints(truth: HumanData, noise: float, seed: int = 0) -> HumanData:
    """COCO's 17 joints with Gaussian noise of ``noise`` box heights, and nothing else but the boxes; no focal length."""
    rng = np.random.default_rng(seed)
    points = np.zeros_like(truth.keypoints2d)
    slots = SPIN49_OF['coco17']
    height = (truth.bbox[:, 3] - truth.bbox[:, 1])[:, None, None]
    points[:, slots] = truth.keypoints2d[:, slots]
    points[:, slots, :2] += rng.normal(0, noise, (len(truth), len(slots), 2)) * height
    return HumanData(truth.image_path, truth.bbox, 'synthetic_humans', keypoints2d=points, keypoints2d_skeleton='spin49',
                     image_size=truth.image_size)


def track(person: HumanData, transl: np.ndarray, number: int) -> HumanTrack:
    """One row of HumanData as a track of one frame."""
    orient, pose = (rotvec_to_rotmat(torch.from_numpy(turns)).numpy() for turns in (person.global_orient, person.body_pose))
    return HumanTrack(
        number, np.zeros(1, int), person.bbox, np.ones(1), np.zeros(1, bool), orient, pose, person.betas, transl,
        person.focal_length, person.keypoints2d, keypoints2d_skeleton=person.keypoints2d_skeleton,
        image_size=tuple(person.image_size[0].tolist()))


def smplify(out: Path, config: Path) -> HumanData:
    """Fits the annotator's first predictions to its keypoints, each person for itself."""
    people, start = load_human_data(out / 'prior.npz'), time.perf_counter()
    pieces = [np.load(file, allow_pickle=False)['transl'] for file in sorted((out / 'prior').glob('*.npz'))]
    rows = np.arange(len(people))[:, None]
    fitted = build_fit_pipeline(config)([track(people[row], np.concatenate(pieces)[row], int(row[0])) for row in rows])
    print(f'{config.stem}: {time.perf_counter() - start:.0f} s')
    orient, pose, betas = (np.concatenate([getattr(one, name) for one in fitted])
                           for name in ('global_orient', 'body_pose', 'betas'))
    orient, pose = (rotmat_to_rotvec(torch.from_numpy(turns)).numpy() for turns in (orient, pose))
    return replace(people, global_orient=orient, body_pose=pose, betas=betas)


@torch.no_grad()
def pose(people: HumanData, body: SMPL) -> SMPLOutput:
    """Bodies at the origin."""
    rows = [torch.from_numpy(np.array(getattr(people, name))) for name in ('global_orient', 'body_pose', 'betas')]
    return body(rotvec_to_rotmat(rows[0]), rotvec_to_rotmat(rows[1]), rows[2])


def figures(people: HumanData, truth: HumanData, body: SMPL) -> dict[str, float]:
    """Means in millimetres and degrees; vertices seen from the pelvis."""
    found, true = pose(people, body), pose(truth, body)
    vertices = [out.vertices - out.smpl_joints[:, :1] for out in (found, true)]
    orient = [rotvec_to_rotmat(torch.from_numpy(data.global_orient)) for data in (people, truth)]
    return dict(pve=float(joint_errors(*vertices).mean()),
                pa_mpjpe=float(pa_joint_errors(found.smpl_joints, true.smpl_joints).mean()),
                orientation=float(orientation_error(*orient).mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('truth', type=Path, help='HumanData of to_human_data.py')
    parser.add_argument('images', type=Path, help='folder that its image paths start from')
    parser.add_argument('--config', type=Path, default=CONFIG)
    parser.add_argument('--people', type=int, default=500)
    parser.add_argument('--noise', type=float, default=0.01, help='of the keypoints, in box heights')
    parser.add_argument('--out', type=Path, default=Path('outputs/judge_annotator'))
    parser.add_argument('--fit', type=Path, default=FIT, help='config of the SMPLify to compare with')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={})
    args = parser.parse_args()
    truth = load_human_data(args.truth)
    truth = truth[np.linspace(0, len(truth) - 1, min(args.people, len(truth))).astype(int)]
    args.out.mkdir(parents=True, exist_ok=True)
    save_human_data(args.out / 'noisy.npz', noisy_keypoints(truth, args.noise))
    source = load_keypoints(args.out / 'noisy.npz', image_root=args.images)
    print(annotate(source, args.config, args.out, options=args.cfg_options))
    body = SMPL().eval()
    results = dict(before=load_human_data(args.out / 'prior.npz'), after=load_human_data(args.out / 'human_data.npz'),
                   smplify=smplify(args.out, args.fit))
    for name, found in results.items():
        print(name, ', '.join(f'{key} {value:.1f}' for key, value in figures(found, truth, body).items()))


if __name__ == '__main__':
    main()
