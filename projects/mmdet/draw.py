"""Draws tracked bodies over some frames of their video, as one picture.

    python projects/mmdet/draw.py data/demo_mot/train/demo_clip/img1 outputs/mmdet/demo_clip.npz --out sheet.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from cliff_ext.apis.pictures import FrameIndex, pose_frame
from cliff_ext.body_models import SMPL
from cliff_ext.io import atomic_path, load_tracks
from cliff_ext.visualization import MeshOverlay


def draw_sheet(frames: Path, tracks: Path, count: int, columns: int) -> np.ndarray:
    """Evenly spread frames, each with everybody's mesh and its number."""
    body, file = SMPL(), load_tracks(tracks)
    index, overlay = FrameIndex(file.tracks), MeshOverlay(body.faces)
    paths = sorted(frames.glob('*.jpg'))
    tiles = []
    for frame in np.linspace(0, len(paths) - 1, count).round().astype(int).tolist():
        people = index.ids(frame)
        focal = float(index.field(frame, 'focal_length')[0]) if people else 1.
        picture = overlay(cv2.imread(str(paths[frame])), pose_frame(body, index, frame), focal, people)
        cv2.putText(picture, f'frame {frame}: {people}', (8, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 255), 2)
        tiles.append(picture)
    tiles += [np.zeros_like(tiles[0])] * (-count % columns)
    return np.concatenate([np.concatenate(tiles[i:i + columns], 1) for i in range(0, len(tiles), columns)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('frames', type=Path, help='folder of a video\'s frames')
    parser.add_argument('tracks', type=Path, help='what HumanTrackMetric wrote')
    parser.add_argument('--out', type=Path, required=True, help='picture to write')
    parser.add_argument('--frames', dest='count', type=int, default=12, help='how many frames')
    parser.add_argument('--columns', type=int, default=3)
    args = parser.parse_args()
    with atomic_path(args.out) as temporary:
        cv2.imwrite(str(temporary), draw_sheet(args.frames, args.tracks, args.count, args.columns))
    print(f'{args.count} frames in {args.out}')


if __name__ == '__main__':
    main()
