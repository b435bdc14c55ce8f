"""Writes a video as mmdet's trackers want their data: frames in VIDEO/img1, and annotations in COCO's form.

    python projects/mmdet/make_dataset.py --out data/demo_mot [--frames 24]

With the truth there are boxes to judge a tracker by, and bodies to train a mesh head on (annotations/people.npz). A video of
your own needs neither: --clip VIDEO.
"""

from __future__ import annotations

import argparse
import json
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import project_points, rotmat_to_rotvec
from cliff_ext.io import HumanData, TrackFile, VideoReader, atomic_path, load_tracks, save_human_data
from cliff_ext.structures import HumanTrack

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


@torch.no_grad()
def bodies(track: HumanTrack, clip: str, body: SMPL) -> HumanData:
    """A person's boxes, SMPL parameters and the joints that follow from them."""
    orient, pose, betas, transl, focal = (torch.from_numpy(getattr(track, name)) for name in (
        'global_orient', 'body_pose', 'betas', 'transl', 'focal_length'))
    joints = body(orient, pose, betas, transl).joints
    size = torch.tensor([track.image_size] * len(track), dtype=torch.float32)
    sure = torch.ones_like(joints[..., :1])
    return HumanData(
        [frame_path(clip, frame) for frame in track.frame_ids.tolist()], track.bboxes, dataset=clip,
        keypoints2d=torch.cat([project_points(joints, focal, size / 2), sure], 2).numpy(), keypoints2d_skeleton='spin49',
        keypoints3d=torch.cat([joints, sure], 2).numpy(), keypoints3d_skeleton='spin49',
        global_orient=rotmat_to_rotvec(orient).numpy(), body_pose=rotmat_to_rotvec(pose).numpy(), betas=track.betas,
        transl=track.transl, focal_length=track.focal_length, image_size=size.numpy())


def frame_path(clip: str, frame: int) -> str:
    return f'{clip}/img1/{frame + 1:06d}.jpg'


def write_dataset(clip: Path, truth: Path | None, out: Path, most: int | None = None) -> int:
    """Writes the data set; returns the number of frames."""
    reader = VideoReader(clip)
    (out / 'train' / frame_path(clip.stem, 0)).parent.mkdir(parents=True, exist_ok=True)
    (out / 'annotations').mkdir(exist_ok=True)
    images = []
    for frame, picture in enumerate(islice(reader, most)):
        name = frame_path(clip.stem, frame)
        cv2.imwrite(str(out / 'train' / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 95])
        images.append(dict(id=frame + 1, video_id=1, frame_id=frame, file_name=name, height=picture.shape[0],
                           width=picture.shape[1]))
    content = dict(videos=[dict(id=1, name=clip.stem, fps=reader.fps)], images=images,
                   categories=[dict(id=1, name='pedestrian')], annotations=[])
    if truth is not None:
        known = load_tracks(truth)
        content['annotations'] = annotations(known, len(images))
        people = HumanData.concatenate([bodies(track, clip.stem, SMPL()) for track in known.tracks])
        seen = np.isin(people.image_path, [image['file_name'] for image in images])
        save_human_data(out / 'annotations/people.npz', people[seen])
    with atomic_path(out / 'annotations/train_cocoformat.json') as temporary:
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
