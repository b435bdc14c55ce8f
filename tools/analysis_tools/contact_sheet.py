"""Frames of a video at even steps, on one picture to look at.

    python tools/analysis_tools/contact_sheet.py outputs/demo/overlay.mp4 sheet.png --frames 20 --columns 5
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from cliff_ext.io import VideoReader, atomic_path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', type=Path)
    parser.add_argument('out', type=Path)
    parser.add_argument('--frames', type=int, default=20)
    parser.add_argument('--columns', type=int, default=5)
    parser.add_argument('--width', type=int, default=320, help='pixels of one frame')
    args = parser.parse_args()
    reader = VideoReader(args.video)
    wanted = set(np.linspace(0, max(reader.num_frames - 1, 0), args.frames).astype(int).tolist())
    cells = []
    for index, frame in enumerate(reader):
        if index not in wanted:
            continue
        height = round(args.width * frame.shape[0] / frame.shape[1])
        cell = cv2.resize(frame, (args.width, height), interpolation=cv2.INTER_AREA)
        cells.append(cv2.putText(cell, str(index), (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 255), 1, cv2.LINE_AA))
    cells += [np.zeros_like(cells[0])] * (-len(cells) % args.columns)
    rows = [np.hstack(cells[i:i + args.columns]) for i in range(0, len(cells), args.columns)]
    with atomic_path(args.out) as temporary:
        cv2.imwrite(str(temporary), np.vstack(rows))
    print(args.out)


if __name__ == '__main__':
    main()
