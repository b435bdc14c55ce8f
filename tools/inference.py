"""Finds, tracks and reconstructs the people in a video, an image, a folder of images or a glob.

    python tools/inference.py VIDEO
    python tools/inference.py VIDEO configs/video/bytetrack-yolox-x_cliff-hr48.py --out-dir outputs/dance
    python tools/inference.py VIDEO configs/video/demo_posenet.py --render overlay side top
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from mmengine.config import DictAction

from cliff_ext.apis import HumanMeshInferencer, InferenceError
from cliff_ext.apis.pictures import KINDS
from cliff_ext.integrations import PackageError
from cliff_ext.io import CheckpointError, MediaError, UnsafePickleError
from cliff_ext.registry import NotRegisteredError

EXPECTED = (OSError, ValueError, CheckpointError, MediaError, UnsafePickleError, InferenceError, NotRegisteredError,
            PackageError)
MOST_WARNINGS = 20


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('input', help='video, image, folder of images, or glob in quotes')
    parser.add_argument('config', nargs='?', help='default: configs/video/demo.py, all embedded')
    parser.add_argument('--checkpoint', help="the estimator's weights")
    parser.add_argument('--detector-checkpoint', help="the detector's weights")
    parser.add_argument('--body-model', help='SMPL file or folder; default: as the config says')
    parser.add_argument('--out-dir', type=Path, help='default: outputs/NAME')
    parser.add_argument('--boxes', help='json of boxes instead of a detector')
    parser.add_argument('--single', action='store_true', help='follow one person only')
    parser.add_argument('--fit', metavar='KEYPOINTS', help="fit people to 2D keypoints: OpenPose's or COCO's json, or npz")
    parser.add_argument('--fit-config', type=Path, help='one of configs/fit; default: over time for videos')
    parser.add_argument('--render', nargs='+', choices=(*KINDS, 'none'), default=['overlay', 'side'])
    parser.add_argument('--format', nargs='+', choices=('tracks', 'cliff'), default=[], dest='formats',
                        help="tracks.npz is always written; cliff adds a file in the keys of CLIFF's own demo")
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, default={}, help='key=value changes of the config')
    return parser.parse_args()


def main() -> int:
    args = parse_args()
    warnings.filterwarnings('ignore', message='torch.meshgrid')
    warnings.filterwarnings('ignore', message=r'.*torch.cuda.amp.autocast')
    options = dict(args.cfg_options)
    if args.body_model:
        options['body_model.model_path'] = args.body_model
    out_dir = args.out_dir or Path('outputs') / (Path(args.input).stem.strip('*') or 'images')
    try:
        inferencer = HumanMeshInferencer(args.config, args.checkpoint, args.detector_checkpoint, args.boxes, args.single,
                                         args.device, options, args.fit, args.fit_config)
        result = inferencer(args.input, out_dir, [kind for kind in args.render if kind != 'none'],
                            ['tracks', *(kind for kind in args.formats if kind != 'tracks')])
    except EXPECTED as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    for problem in result.problems[:MOST_WARNINGS]:
        print(f'warning: {problem}', file=sys.stderr)
    if len(result.problems) > MOST_WARNINGS:
        print(f'warning: … and {len(result.problems) - MOST_WARNINGS} more', file=sys.stderr)
    print(f'{len(result.tracks)} people in {result.num_frames} frames' +
          ('' if result.tracks else ': nobody was found; try a lower score_thr or another detector'))
    for kind, path in result.files.items():
        print(f'{kind}: {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
