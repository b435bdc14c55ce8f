"""Human3.6M in 3DMPPE's COCO format, with SMPL where given, to HumanData.

    python tools/dataset_converters/h36m.py data/h36m data/human_data/h36m_train.npz --smpl smpl_param --body-model data/smpl
    python tools/dataset_converters/h36m.py data/h36m data/human_data/h36m_p2_test.npz --split test --protocol 2
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cliff_ext.apis.conversion import add_body_model, conversion_command
from cliff_ext.datasets.converters import BodyModels, Human36M


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--split', default='train', choices=('train', 'test'))
    parser.add_argument('--protocol', type=int, default=1, choices=(1, 2), help='2 takes the frontal camera alone')
    parser.add_argument('--stride', type=int, help='every how many frames; default 5 for training, 64 for the test')
    parser.add_argument('--smpl', choices=('smpl_param', 'SMPL_NeuralAnnot'), help='ending of the SMPL json files')
    parser.add_argument('--mosh', type=Path, help="folder of MoSh files; needs the official download's metadata.xml in ROOT")
    add_body_model(parser, 'needed for translations')


def make(args: argparse.Namespace) -> Human36M:
    bodies = BodyModels(args.body_model) if args.body_model else None
    return Human36M(args.root, args.split, args.protocol, args.stride, args.smpl, args.mosh, bodies)


if __name__ == '__main__':
    sys.exit(conversion_command(__doc__, make, add_arguments))
