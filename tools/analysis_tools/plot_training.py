"""Draws losses and validation figures of trainings, each by its work_dir; resumed runs are joined.

    python tools/analysis_tools/plot_training.py work_dirs/a work_dirs/b --curves loss orientation --out outputs/training.png
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cliff_ext.visualization import plot_curves, read_curves


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('work_dirs', type=Path, nargs='+', metavar='WORK_DIR')
    parser.add_argument('--curves', nargs='+', default=['loss'], help='names as in the log, one panel each')
    parser.add_argument('--names', nargs='+', help='of the trainings; default: the names of their folders')
    parser.add_argument('--out', type=Path, default=Path('outputs/training.png'), help='.png, .svg or .pdf')
    args = parser.parse_args()
    names = args.names or [folder.name for folder in args.work_dirs]
    if len(set(names)) != len(args.work_dirs):
        parser.error(f'{len(args.work_dirs)} trainings need as many different names, got {", ".join(names)}')
    try:
        plot_curves(args.out, {name: read_curves(folder, args.curves)
                               for name, folder in zip(names, args.work_dirs, strict=True)})
    except (OSError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    print(args.out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
