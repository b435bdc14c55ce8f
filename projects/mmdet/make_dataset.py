"""Writes a video as mmdet's trackers want their data: frames in VIDEO/img1, and annotations in COCO's form.

    python projects/mmdet/make_dataset.py --out data/demo_mot [--frames 24]

Without --truth the boxes are left out, which is enough to run a tracker and to write bodies, but gives no figures.
"""

from __future__ import annotations

import argparse
import json
from itertools import islice
from pathlib import Path

import cv2

from cliff_ext.io import TrackFile, VideoReader, atomic_path, load_tracks

ZOO = Path(__file__).resolve().parents[2] / 'cliff_ext/zoo'


def annotations(truth: TrackFile, frames: int) -> list[dict]:
    """One entry for each person in each of the first frames, with identities that start at 1."""
    entries = []
    for track in truth.tracks:
        for frame, (x1, y1, x2, y2) in zip(track.frame_ids.tolist(), track.bboxes.tolist(), strict=True):
            if frame < frames:
                entries.append(dict(
                    id=len(entries) + 1, image_id=frame + 1, video_id=1, category_id=1, instance_id=track.track_id + 1,
                    bbox=[x1, y1, x2 - x1, y2 - y1], area=(x2 - x1) * (y2 - y1), iscrowd=False, mot_conf=1, visibility=1.))
    return entries


def write_dataset(clip: Path, truth: Path | None, out: Path, most: int | None = None) -> int:
    """Writes the data set; returns the number of frames."""
    reader = VideoReader(clip)
    folder = out / 'train' / clip.stem / 'img1'
    folder.mkdir(parents=True, exist_ok=True)
    images = []
    for frame, picture in enumerate(islice(reader, most)):
        name = f'{frame + 1:06d}.jpg'
        cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 95])
        images.append(dict(id=frame + 1, video_id=1, frame_id=frame, file_name=f'{clip.stem}/img1/{name}',
                           height=picture.shape[0], width=picture.shape[1]))
    content = dict(videos=[dict(id=1, name=clip.stem, fps=reader.fps)], images=images,
                   categories=[dict(id=1, name='pedestrian')],
                   annotations=annotations(load_tracks(truth), len(images)) if truth else [])
    target = out / 'annotations' / 'train_cocoformat.json'
    target.parent.mkdir(exist_ok=True)
    with atomic_path(target) as temporary:
        temporary.write_text(json.dumps(content))
    return len(images)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--clip', type=Path, help='video; the demo clip that ships if not given')
    parser.add_argument('--truth', type=Path, help='tracks.npz with its true boxes')
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument('--frames', type=int, help='take no more frames than these')
    args = parser.parse_args()
    truth = args.truth if args.clip else ZOO / 'demo_clip_truth.npz'
    frames = write_dataset(args.clip or ZOO / 'demo_clip.mp4', truth, args.out, args.frames)
    print(f'{frames} frames in {args.out}')


if __name__ == '__main__':
    main()
