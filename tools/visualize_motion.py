"""Films one test sequence as input, refined and truth side by side, and plots one joint's path and acceleration.

    python tools/visualize_motion.py configs/synsp/synsp-8_mocap-3d.py --sequence 02_01 --joint right_ankle
    python tools/visualize_motion.py configs/smoothnet/smoothnet-32_h36m-cpn-2d.py --checkpoint h36m_fcn_32.pth --sequence 3
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmengine.config import Config, DictAction

from cliff_ext.apis.motion import draw_motion, refine_test_sequence


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', type=Path)
    parser.add_argument('--checkpoint', help="default: the config's load_from")
    parser.add_argument('--sequence', help='name or number; default: the first')
    parser.add_argument('--joint', help='to plot; default: the right wrist')
    parser.add_argument('--view', type=int, default=0, help='of several')
    parser.add_argument('--fps', type=float, default=30.)
    parser.add_argument('--frames', type=int, default=300, help='most that the video shows')
    parser.add_argument('--out-dir', type=Path, default=Path('outputs/motion'))
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    args = parser.parse_args()
    try:
        config = Config.fromfile(args.config)
        config.merge_from_dict(args.cfg_options)
        result = refine_test_sequence(config, args.sequence, args.checkpoint, args.view)
        files = draw_motion(result, args.out_dir, args.joint, args.fps, args.frames)
    except (OSError, ValueError, KeyError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    for kind, path in files.items():
        print(f'{kind}: {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
