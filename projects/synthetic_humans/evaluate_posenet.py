"""Figures of RootNet and PoseNet, one after the other, at the true boxes of rendered people that training never saw.

mm: ``mrpe``, the root's error in the camera, and along x, y, z; ``mpjpe`` seen from the root; ``mpjpe_absolute`` in the
camera. Percent: ``right_depth_order``, of two people whose boxes overlap the nearer root is found nearer; of all pairs, and
of those whose roots are truly more than 0.1, 0.25 and 0.5 m apart in depth.

    python projects/synthetic_humans/to_human_data.py data/synthetic_humans/test data/synthetic_humans/test.npz
    python projects/synthetic_humans/evaluate_posenet.py data/synthetic_humans/test.npz data/synthetic_humans/test
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config
from tqdm import tqdm

from cliff_ext.apis import RootPoseEstimator
from cliff_ext.datasets import HumanDataPoseLayout
from cliff_ext.evaluation.functional import box_iou, depth_order_accuracy, joint_errors, root_errors
from cliff_ext.structures import get_skeleton

CONFIG = 'configs/video/demo_posenet.py'
GAPS = (0., 0.1, 0.25, 0.5)
"""Metres between two roots in depth beyond which a pair counts."""


@dataclass
class Found:
    """What is gathered over all pictures."""

    joints: list[np.ndarray] = field(default_factory=list)
    truth: list[np.ndarray] = field(default_factory=list)
    overlapping: np.ndarray = field(default_factory=lambda: np.zeros((len(GAPS), 2), int))
    """Pairs whose depths are in the right order, and all pairs, of people whose boxes overlap, for each of :data:`GAPS`."""

    def add(self, joints: np.ndarray, truth: np.ndarray, boxes: np.ndarray, root: int) -> None:
        """Takes in the people (N, K, 3) of one picture."""
        self.joints.append(joints)
        self.truth.append(truth)
        depth, true_depth = (torch.from_numpy(people[:, root, 2].astype(np.float64)) for people in (joints, truth))
        overlap = box_iou(boxes, boxes)
        for pair in map(list, combinations(range(len(boxes)), 2)):
            if overlap[pair[0], pair[1]] > 0:
                self.overlapping += [depth_order_accuracy(depth[pair], true_depth[pair], gap) for gap in GAPS]

    def figures(self, root: int) -> dict[str, float]:
        """mm, and percent."""
        joints, truth = (torch.from_numpy(np.concatenate(parts)).double() for parts in (self.joints, self.truth))
        roots = {name: float(value.mean()) for name, value in root_errors(joints[:, root], truth[:, root]).items()}
        relative = (people - people[:, root, None] for people in (joints, truth))
        order = {}
        for gap, (right, pairs) in zip(GAPS, self.overlapping.tolist(), strict=True):
            if pairs:
                order |= {f'overlapping_pairs/{gap:g}m': pairs, f'right_depth_order/{gap:g}m': 100 * right / pairs}
        return dict(people=len(joints), **roots, mpjpe=float(joint_errors(*relative).mean()),
                    mpjpe_absolute=float(joint_errors(joints, truth).mean()), **order)


def evaluate(file: str, image_root: str, estimator: RootPoseEstimator) -> dict[str, float]:
    """Figures of all people of a HumanData file whose joints are all known; each picture is read once."""
    skeleton = estimator.constants['keypoints3d_skeleton']
    root = get_skeleton(skeleton).index('pelvis')
    people = HumanDataPoseLayout(file, image_root, skeleton).load()
    people = people[np.isfinite(people.keypoints3d).all((1, 2))]
    found = Found()
    for image_id in tqdm(np.unique(people.image_id)):
        group = people[people.image_id == image_id]
        image = cv2.imread(group.img_path[0])
        crops = [estimator.crop(image, box, float(focal[0]), image_id)
                 for box, focal in zip(group.bboxes, group.focal_length, strict=True)]
        joints = np.stack([sample.pred_instances.keypoints3d[0].numpy() for sample in estimator(crops)])
        found.add(joints, group.keypoints3d, group.bboxes, root)
    return found.figures(root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file', help='npz of to_human_data.py')
    parser.add_argument('image_root', type=Path)
    parser.add_argument('--root', help="RootNet's weights; default: those of configs/video/demo_posenet.py")
    parser.add_argument('--pose', help="PoseNet's weights")
    args = parser.parse_args()
    config = Config.fromfile(CONFIG).estimator
    config.pop('type')
    for name in ('root', 'pose'):
        config[name].checkpoint = getattr(args, name) or config[name].checkpoint
    print(json.dumps(evaluate(args.file, args.image_root, RootPoseEstimator(**config)), indent=1))


if __name__ == '__main__':
    main()
