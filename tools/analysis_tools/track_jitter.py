"""How much people's joints jitter in tracks files, side by side; with a config, how well it fills hidden frames.

    python tools/analysis_tools/track_jitter.py outputs/raw/tracks.npz outputs/refined/tracks.npz
    python tools/analysis_tools/track_jitter.py outputs/raw/tracks.npz --hide 20 --config configs/video/demo.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cliff_ext.apis import build_track_pipeline, hide_and_fill, track_jitter
from cliff_ext.body_models import SMPL
from cliff_ext.io import load_tracks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tracks', type=Path, nargs='+')
    parser.add_argument('--body-model', help='SMPL file or folder; default: the open body')
    parser.add_argument('--config', type=Path, help='has track_pipeline; refines the files first')
    parser.add_argument('--hide', type=int, default=0, metavar='N', help='frames to hide in the middle of each person')
    args = parser.parse_args()
    try:
        body = SMPL(args.body_model)
        pipeline = build_track_pipeline(args.config) if args.config else None
        print(f'{"file":<44}{"camera":>9}{"body":>9}{"frames":>8}{"filled":>8}   mm/frame²')
        for path in args.tracks:
            tracks = load_tracks(path).tracks
            for name, people in [(str(path), tracks), *([(f'  {args.config.stem}', pipeline(tracks))] if pipeline else [])]:
                jitter = track_jitter(people, body)
                filled = sum(int(track.filled.sum()) for track in people)
                print(f'{name[-43:]:<44}{jitter.camera:>9.2f}{jitter.body:>9.2f}{jitter.frames:>8}{filled:>8}')
            if args.hide and pipeline:
                hidden = hide_and_fill(tracks, pipeline, body, args.hide)
                print(f'  {args.hide} frames hidden in each of {hidden.people} people: {hidden.frames} filled, '
                      f'{hidden.mpjpe:.1f} mm from what was estimated there (path {hidden.path:.1f} mm)')
    except (OSError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
