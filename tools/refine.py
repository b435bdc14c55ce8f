"""Fills gaps of people's poses and refines them: infill, filters, SmoothNet, SynSP, as a config says.

    python tools/refine.py IN.npz OUT.npz configs/synsp/synsp-8_mocap-3d.py
    python tools/refine.py outputs/dance/tracks.npz refined.npz configs/video/demo.py

IN is our tracks.npz, the npz of CLIFF's demo, SmoothNet's layout, or flat mocap arrays; OUT has the same layout.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

from cliff_ext.apis import refine_file
from cliff_ext.io import CheckpointError, UnsafePickleError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('input', type=Path, metavar='IN')
    parser.add_argument('output', type=Path, metavar='OUT')
    parser.add_argument('config', type=Path, metavar='CONFIG', help='has track_pipeline')
    parser.add_argument('--checkpoint', help="the network's weights; default: those the config names")
    parser.add_argument('--body-model', help='SMPL file or folder, or "open": poses 3D joints beside SMPL parameters anew')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    args = parser.parse_args()
    try:
        report = refine_file(args.input, args.output, args.config, args.checkpoint, args.body_model, args.device,
                             args.cfg_options)
    except (OSError, ValueError, KeyError, CheckpointError, UnsafePickleError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    for note in report.notes:
        print(f'note: {note}', file=sys.stderr)
    speed = f', {report.frames / report.seconds:,.0f} frames/s' if report.seconds else ''
    print(f'{report.people} people, {report.frames} frames, {report.filled} of them filled in{speed}: {args.output}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
