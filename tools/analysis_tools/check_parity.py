"""Compares ours with recorded outputs of the reference networks and formulas.

    python tools/analysis_tools/check_parity.py tests/data/parity
    python tools/analysis_tools/check_parity.py DIR --only cliff_res50 geometry
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cliff_ext.evaluation.parity import run_fixture, runnable


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--only', nargs='+', metavar='NAME', help='fixtures to run; default: all that can be')
    args = parser.parse_args()
    present = sorted(path.stem for path in args.folder.glob('*.json') if path.with_suffix('.npz').is_file())
    wanted = args.only or [name for name in present if name in runnable()]
    absent = [name for name in wanted if name not in present or name not in runnable()]
    if absent or not wanted:
        print(f'error: no fixture {", ".join(absent) or "at all"} in {args.folder} that can be run; it holds '
              f'{", ".join(present) or "none"}, and {", ".join(runnable())} can be run', file=sys.stderr)
        return 2
    checks = [check for name in wanted for check in run_fixture(args.folder, name)]
    print(f'{"fixture":<16}{"output":<44}{"max error":>11}  {"tolerance":<18}ok')
    for check in checks:
        verdict = {True: 'yes', False: 'NO', None: 'skipped'}[check.ok]
        print(f'{check.fixture:<16}{check.output:<44}{check.error:>11.2e}  {check.tolerance:<18}{verdict}')
    left_out = [name for name in present if name not in wanted]
    if left_out:
        print(f'not run: {", ".join(left_out)}')
    return int(any(check.ok is False for check in checks))


if __name__ == '__main__':
    sys.exit(main())
