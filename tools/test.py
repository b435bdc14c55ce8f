"""Tests a model by its config's protocol: an estimator, or a refiner beside its input and a classical filter.

    python tools/test.py configs/cliff/cliff_hr48_test-3dpw.py --checkpoint checkpoints/cliff_hr48.pth --out figures.json
    python tools/test.py configs/synsp/synsp-8_mocap-3d.py
    python tools/test.py configs/smoothnet/smoothnet-32_h36m-fcn-3d.py --checkpoint h36m_fcn_32.pth --out figures.json
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from mmengine.config import DictAction
from mmengine.dist import is_main_process

from cliff_ext.apis.training import test
from cliff_ext.io import atomic_path


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path)
    parser.add_argument('--checkpoint', help="default: the config's load_from; embedded:NAME for weights that ship")
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/CONFIG_NAME')
    parser.add_argument('--out', type=Path, help='json file for the figures')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm'), default='none')
    parser.add_argument('--local-rank', '--local_rank', type=int, default=0, help='set by the launcher')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    figures = test(args.config, work_dir=args.work_dir, options=args.cfg_options, checkpoint=args.checkpoint,
                   launcher=args.launcher)
    if args.out and is_main_process():
        with atomic_path(args.out) as path:
            path.write_text(json.dumps(figures, indent=1))


if __name__ == '__main__':
    main()
