"""3DPW's download to HumanData.

    python tools/dataset_converters/pw3d.py data/3dpw data/human_data/3dpw_train.npz --split train --body-model data/smpl
"""

from __future__ import annotations

import argparse
import sys

from cliff_ext.apis.conversion import add_body_model, conversion_command
from cliff_ext.datasets.converters import PW3D, BodyModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--split', default='train', choices=('train', 'validation', 'test'))
    add_body_model(parser, 'gives all 49 joints instead of the 24 in the files')


def make(args: argparse.Namespace) -> PW3D:
    return PW3D(args.root, args.split, BodyModels(args.body_model) if args.body_model else None)


if __name__ == '__main__':
    sys.exit(conversion_command(__doc__, make, add_arguments))
