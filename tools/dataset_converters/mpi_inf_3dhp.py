"""MPI-INF-3DHP's download to HumanData. The test set's files need h5py.

    python tools/dataset_converters/mpi_inf_3dhp.py data/mpi_inf_3dhp data/human_data/mpi_inf_3dhp_train.npz --extract
"""

from __future__ import annotations

import argparse
import sys

from cliff_ext.apis.conversion import conversion_command
from cliff_ext.datasets.converters import MPIINF3DHP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--split', default='train', choices=('train', 'test'))
    parser.add_argument('--stride', type=int, default=10, help='every how many frames of the training videos')
    parser.add_argument('--extract', action='store_true', help='write the frames that are used out of the training videos')


def make(args: argparse.Namespace) -> MPIINF3DHP:
    return MPIINF3DHP(args.root, args.split, args.stride, args.extract)


if __name__ == '__main__':
    sys.exit(conversion_command(__doc__, make, add_arguments))
