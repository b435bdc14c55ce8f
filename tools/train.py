"""Trains from a config.

    python tools/train.py configs/cliff/cliff_res50_8xb32-200e_mixed-256x192.py --amp --auto-scale-lr --tensorboard
    python tools/train.py configs/synsp/synsp-8_mocap-3d.py
    python tools/train.py CONFIG --resume --cfg-options train_dataloader.batch_size=256
    tools/dist_train.sh CONFIG 4
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from mmengine.config import DictAction

from cliff_ext.apis.training import train


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path)
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/CONFIG_NAME')
    parser.add_argument('--checkpoint', help='weights to start from')
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument('--auto-scale-lr', action='store_true', help='scale the learning rate with the batch')
    parser.add_argument('--tensorboard', action='store_true', help='write curves and pictures for TensorBoard')
    parser.add_argument('--resume', nargs='?', const=True, default=False, metavar='CHECKPOINT',
                        help='go on from this checkpoint, or from the last one in the work dir')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm'), default='none')
    parser.add_argument('--local-rank', '--local_rank', type=int, default=0, help='set by the launcher')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    train(args.config, work_dir=args.work_dir, options=args.cfg_options, checkpoint=args.checkpoint, amp=args.amp,
          resume=args.resume, launcher=args.launcher, auto_scale_lr=args.auto_scale_lr, tensorboard=args.tensorboard)


if __name__ == '__main__':
    main()
