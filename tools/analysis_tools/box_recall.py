"""How many hand-read boxes of a video a tracks file finds, at an overlap of 0.5.

    python tools/analysis_tools/box_recall.py outputs/dance/tracks.npz dance.boxes.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from cliff_ext.apis import BoxFile
from cliff_ext.evaluation.functional import box_iou, box_recall
from cliff_ext.io import load_tracks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tracks', type=Path)
    parser.add_argument('boxes', help='json as tools/inference.py --boxes takes it')
    parser.add_argument('--threshold', type=float, default=0.5)
    args = parser.parse_args()
    tracks, truth = load_tracks(args.tracks).tracks, BoxFile(args.boxes).boxes
    found = {frame: np.concatenate([np.empty((0, 4)), *(t.bboxes[t.frame_ids == frame] for t in tracks)]) for frame in truth}
    for frame, boxes in truth.items():
        best = box_iou(boxes.bboxes, found[frame]).max(1, initial=0)
        print(f'frame {frame}: best overlap {", ".join(f"{v:.2f}" for v in best)}')
    hits, total = box_recall([found[f] for f in truth], [boxes.bboxes for boxes in truth.values()], args.threshold)
    print(json.dumps(dict(hits=hits, boxes=total, recall=hits / max(total, 1), people=len(tracks))))


if __name__ == '__main__':
    main()
