"""Images a second of a recipe's data and of its training steps, milliseconds of each transform, and peak memory.

    python tools/analysis_tools/benchmark_training.py configs/cliff/cliff_hr48_8xb32-200e_mixed-256x192.py --amp \
        --cfg-options train_dataloader.batch_size=64 train_dataloader.num_workers=16
    python tools/analysis_tools/benchmark_training.py CONFIG --only-data
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

from cliff_ext.apis.training_speed import TrainingSpeed, training_speed


def show(speed: TrainingSpeed) -> None:
    for name, times in speed.transforms.items():
        print(f'{name}: {sum(times.values()):.2f} ms an image in one process')
        for transform, milliseconds in times.items():
            print(f'  {transform:<24}{milliseconds:>8.2f} ms')
    print(f'data: {speed.data:.0f} images/s with {speed.workers} workers, batches of {speed.batch_size}')
    if speed.step is None:
        return
    print(f'step: {speed.step:.0f} images/s on {speed.device}; peak memory {speed.peak_memory:.2f} GiB')
    slower = 'no step waits for data' if speed.data >= speed.step else 'steps wait for data: more workers, or smaller images'
    print(slower)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path)
    parser.add_argument('--batches', type=int, default=20, help='to time, after a warm-up')
    parser.add_argument('--only-data', action='store_true', help='time no steps')
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    args = parser.parse_args()
    try:
        show(training_speed(args.config, args.batches, args.only_data, args.cfg_options, args.amp))
    except (OSError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
