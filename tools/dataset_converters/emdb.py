"""EMDB's download to HumanData.

    python tools/dataset_converters/emdb.py data/emdb data/human_data/emdb1.npz --split emdb1 --body-model data/smpl
"""

from __future__ import annotations

import argparse
import sys

from cliff_ext.apis.conversion import add_body_model, conversion_command
from cliff_ext.datasets.converters import EMDB, BodyModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--split', default='emdb1', choices=('emdb1', 'emdb2', 'all'))
    add_body_model(parser, 'needed for translations and 3D joints')


def make(args: argparse.Namespace) -> EMDB:
    return EMDB(args.root, args.split, BodyModels(args.body_model) if args.body_model else None)


if __name__ == '__main__':
    sys.exit(conversion_command(__doc__, make, add_arguments))
