"""Fits SMPL people to 2D keypoints: SMPLify, frame by frame or over a whole film, as a config says.

    python tools/fit.py tracks.npz openpose_json/ fitted.npz configs/fit/smplify_temporal.py --pictures outputs/fit
    python tools/fit.py tracks.npz mmpose::body_2d_keypoint/rtmpose/coco/rtmpose-m_8xb256-420e_coco-256x192.py fitted.npz \\
        configs/fit/smplify.py --keypoint-checkpoint rtmpose-m.pth --video dance.mp4

KEYPOINTS is a folder of OpenPose's json files or one of them, COCO's json, an npz, or a model of mmpose.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

from cliff_ext.apis import fit_file
from cliff_ext.io import CheckpointError, MediaError, UnsafePickleError
from cliff_ext.structures import list_skeletons


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('input', type=Path, metavar='IN', help='tracks.npz with SMPL people')
    parser.add_argument('keypoints', metavar='KEYPOINTS')
    parser.add_argument('output', type=Path, metavar='OUT', help='.npz to write')
    parser.add_argument('config', type=Path, metavar='CONFIG', help='one of configs/fit')
    parser.add_argument('--skeleton', choices=list_skeletons(), help='of the keypoints, where the file does not say')
    parser.add_argument('--keypoint-checkpoint', help="the keypoint model's weights")
    parser.add_argument('--video', help='what the tracks came from; default: as the tracks file says')
    parser.add_argument('--pictures', type=Path, metavar='DIR', help='draw before and after, and the error curve')
    parser.add_argument('--body-model', help='SMPL file or folder; default: as the config says')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    args = parser.parse_args()
    try:
        result = fit_file(args.input, args.keypoints, args.output, args.config, args.skeleton, args.keypoint_checkpoint,
                          args.video, args.pictures, args.body_model, args.device, args.cfg_options)
    except (OSError, ValueError, KeyError, CheckpointError, MediaError, UnsafePickleError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    for note in result.notes:
        print(f'note: {note}', file=sys.stderr)
    before, after = result.errors()
    frames = sum(map(len, result.tracks))
    print(f'{len(result.tracks)} people, {frames} frames in {result.seconds:.1f} s: reprojection error {before:.2f} px '
          f'before, {after:.2f} px after')
    for kind, path in result.files.items():
        print(f'{kind}: {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
