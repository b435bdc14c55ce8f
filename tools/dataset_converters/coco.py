"""COCO's person keypoints to HumanData.

    python tools/dataset_converters/coco.py data/coco data/human_data/coco_train2014.npz --split train2014
"""

from __future__ import annotations

import argparse
import sys

from cliff_ext.apis.conversion import conversion_command
from cliff_ext.datasets.converters import COCO


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--split', default='train2014')
    parser.add_argument('--min-joints', type=int, default=12, help='fewest annotated joints of the twelve below the head')


def make(args: argparse.Namespace) -> COCO:
    return COCO(args.root, args.split, args.min_joints)


if __name__ == '__main__':
    sys.exit(conversion_command(__doc__, make, add_arguments))
