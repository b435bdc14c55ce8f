"""Holds a tracks file against the truth: identities, MPJPE, PA-MPJPE, PVE, global orientation.

    python tools/analysis_tools/evaluate_tracks.py outputs/demo/tracks.npz cliff_ext/zoo/demo_clip_truth.npz
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from cliff_ext.apis import evaluate_tracks
from cliff_ext.io import load_tracks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tracks', type=Path)
    parser.add_argument('truth', type=Path)
    parser.add_argument('--body-model', help='SMPL file or folder; default: the open body')
    args = parser.parse_args()
    report = evaluate_tracks(load_tracks(args.tracks).tracks, load_tracks(args.truth).tracks, args.body_model)
    print(json.dumps(report, indent=1))


if __name__ == '__main__':
    main()
