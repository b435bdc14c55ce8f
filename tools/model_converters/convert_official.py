"""Takes an official checkpoint to ours, strictly: any entry without a place, or left empty, is listed and fails.

CLIFF, PoseNet, RootNet, SmoothNet (also mmpose's and mmhuman3d's) and SynSP; the config says which network it is.

    python tools/model_converters/convert_official.py hr48-PA43.0_MJE69.0_MVE81.2_3dpw.pt \
        configs/cliff/cliff_hr48_256x192.py checkpoints/cliff_hr48.pth
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from cliff_ext.apis import build_model
from cliff_ext.io import CheckpointError, UnsafePickleError, atomic_path, load_checkpoint
from cliff_ext.models import KeyMismatchError, convert_official


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkpoint', type=Path, help='official .pt, .pth or .pth.tar')
    parser.add_argument('config', type=Path, help='our config of the same network')
    parser.add_argument('out', type=Path)
    args = parser.parse_args()
    try:
        model = build_model(args.config)
        state = convert_official(load_checkpoint(args.checkpoint), model)
    except (CheckpointError, FileNotFoundError, KeyMismatchError, TypeError, UnsafePickleError, ValueError) as error:
        print(f'error: {args.checkpoint}: {error}', file=sys.stderr)
        return 1
    with atomic_path(args.out) as temporary:
        torch.save(dict(state_dict=state, meta=dict(source=args.checkpoint.name)), temporary)
    print(f'{len(state)} entries, all placed: {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
