"""Holds networks against tuned classical filters on noisy mocap, at several strengths of noise.

    python tools/analysis_tools/evaluate_refiners.py                      # what ships, on 3D joints
    python tools/analysis_tools/evaluate_refiners.py configs/synsp/synsp-8_mocap-smpl.py --goals mpjpe accel
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmengine.config import Config

from cliff_ext.apis import config_root
from cliff_ext.apis.refiner_table import format_table, refiner_table
from cliff_ext.io import atomic_path

SHIPPED = ('smoothnet/smoothnet-32_mocap-3d.py', 'synsp/synsp-8_mocap-3d.py')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('configs', nargs='*', type=Path, default=[config_root() / name for name in SHIPPED],
                        help='of one representation')
    parser.add_argument('--checkpoints', nargs='+', help="one for each config; default: the configs' load_from")
    parser.add_argument('--data', type=Path, help="folder of train.npz and test.npz; default: the configs'")
    parser.add_argument('--strengths', nargs='+', type=float, default=[0.5, 1., 2.])
    parser.add_argument('--goals', nargs='+', choices=('mpjpe', 'accel'), default=['mpjpe'],
                        help='what the filters are tuned for')
    parser.add_argument('--step', type=int, help="frames from window to window; default: the networks'")
    parser.add_argument('--out', type=Path, help='file for the table')
    args = parser.parse_args()
    if args.checkpoints and len(args.checkpoints) != len(args.configs):
        parser.error(f'{len(args.checkpoints)} checkpoints for {len(args.configs)} configs')
    networks = {path.stem: Config.fromfile(path) for path in args.configs}
    for config in networks.values() if args.data else ():
        config.train_dataloader.dataset.layout.file = str(args.data / 'train.npz')
        config.test_dataloader.dataset.layout.file = str(args.data / 'test.npz')
    table = format_table(refiner_table(networks, args.strengths, args.goals,
                                       dict(zip(networks, args.checkpoints or (), strict=False)), args.step))
    print(table)
    if args.out:
        with atomic_path(args.out) as path:
            path.write_text(table + '\n')


if __name__ == '__main__':
    main()
