"""Pseudo ground truth from 2D keypoints: predicts, fine-tunes on the keypoints, predicts again. A killed run goes on.

    python tools/annotate.py data/coco/train2014 configs/annotator/cliff-annotator_hr48_256x192.py \
        --keypoints data/coco/annotations/person_keypoints_train2014.json --out outputs/coco_cliff
    python tools/annotate.py data/human_data/mpii_train.npz CONFIG --image-root data/mpii --out outputs/mpii_cliff

Writes OUT/cliff_gt.npz (CLIFF's layout), OUT/human_data.npz, and OUT/index.html to look through.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

from cliff_ext.apis.annotation import annotate, load_keypoints
from cliff_ext.io import CheckpointError, UnsafePickleError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path, metavar='IMAGES_OR_DATASET',
                        help='folder of images, a COCO-style keypoint .json, or a HumanData .npz')
    parser.add_argument('config', type=Path, metavar='CONFIG', help='one of configs/annotator')
    parser.add_argument('--keypoints', type=Path, help='the .json or .npz, where a folder of images is given')
    parser.add_argument('--image-root', type=Path, help='folder that image paths start from; default: that of the source')
    parser.add_argument('--out', type=Path, default=Path('outputs/annotation'), help='folder of the results')
    parser.add_argument('--checkpoint', help="trained weights to start from; default: the config's load_from")
    parser.add_argument('--min-joints', type=int, default=6, help='fewest keypoints of a person')
    parser.add_argument('--min-confidence', type=float, default=0.5, help='least confidence of a person for has_smpl')
    parser.add_argument('--gallery', type=int, default=200, help='most people in the contact sheet')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    args = parser.parse_args()
    try:
        source = load_keypoints(args.source, args.keypoints, args.image_root, args.min_joints)
        report = annotate(source, args.config, args.out, args.checkpoint, args.cfg_options, args.min_confidence,
                          args.gallery)
    except (OSError, ValueError, KeyError, FloatingPointError, CheckpointError, UnsafePickleError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    print(report)
    return 0


if __name__ == '__main__':
    sys.exit(main())
