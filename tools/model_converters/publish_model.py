"""Takes a training's checkpoint to a small file with the weights that a network needs in use.

    python tools/model_converters/publish_model.py work_dirs/NAME/best_mpjpe_epoch_30.pth \
        configs/cliff/cliff_res18-parts_128x96_synthetic.py checkpoints/small.pth --half
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cliff_ext.apis.publishing import publish_weights
from cliff_ext.io import CheckpointError, UnsafePickleError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkpoint', type=Path, help="MMEngine's .pth")
    parser.add_argument('config', type=Path, help='config of the network in use')
    parser.add_argument('out', type=Path)
    parser.add_argument('--half', action='store_true', help='half precision')
    args = parser.parse_args()
    try:
        left = publish_weights(args.checkpoint, args.config, args.out, args.half)
    except (CheckpointError, FileNotFoundError, UnsafePickleError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    groups = sorted({name.split('.')[0] for name in left})
    print(f'{args.out}: {args.out.stat().st_size / 2**20:.1f} MiB' + (f'; left out {", ".join(groups)}' if left else ''))
    return 0


if __name__ == '__main__':
    sys.exit(main())
