"""MPII Human Pose's training images to HumanData.

    python tools/dataset_converters/mpii.py data/mpii data/human_data/mpii_train.npz
"""

from __future__ import annotations

import argparse
import sys

from cliff_ext.apis.conversion import conversion_command
from cliff_ext.datasets.converters import MPII


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--min-joints', type=int, default=16, help='fewest annotated joints')


def make(args: argparse.Namespace) -> MPII:
    return MPII(args.root, args.min_joints)


if __name__ == '__main__':
    sys.exit(conversion_command(__doc__, make, add_arguments))
