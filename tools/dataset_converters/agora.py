"""AGORA's download to HumanData.

    python tools/dataset_converters/agora.py data/agora data/human_data/agora_train.npz --split train --size 1280x720
"""

from __future__ import annotations

import argparse
import sys

from cliff_ext.apis.conversion import add_body_model, conversion_command
from cliff_ext.datasets.converters import AGORA, BodyModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--split', default='train', choices=('train', 'validation'))
    parser.add_argument('--size', default='1280x720', choices=('1280x720', '3840x2160'), help='of the images')
    add_body_model(parser, 'needed where the tables have no joints')


def make(args: argparse.Namespace) -> AGORA:
    return AGORA(args.root, args.split, args.size, BodyModels(args.body_model) if args.body_model else None)


if __name__ == '__main__':
    sys.exit(conversion_command(__doc__, make, add_arguments))
