"""The demo clip and its truth as a data set of mmpose's: pictures and a COCO file with COCO's 17 joints.

    python projects/mmpose/clip_to_coco.py --out data/demo_clip

Annotations also have ``track_id``, who it is, and ``joint_depths``, metres from between the hips, for
``cliff_ext.LoadJointDepths``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import project_points
from cliff_ext.io import atomic_path, load_tracks, open_source
from cliff_ext.structures import HumanTrack, get_skeleton, map_joints

ZOO = Path(__file__).parents[2] / 'cliff_ext/zoo'
HIPS = [get_skeleton('coco17').index(f'{side}_hip') for side in ('left', 'right')]


@torch.no_grad()
def keypoints(track: HumanTrack, body: SMPL) -> tuple[np.ndarray, np.ndarray]:
    """COCO's joints of a track in the picture, (T, 17, 2) pixels, and their depths (T, 17), metres from between the hips."""
    pose = (torch.from_numpy(value) for value in (track.global_orient, track.body_pose, track.betas, track.transl))
    joints = body(*pose).joints
    center = torch.tensor(track.image_size, dtype=torch.float32).expand(len(track), 2) / 2
    pixels = project_points(joints, torch.from_numpy(track.focal_length), center)
    points = map_joints(torch.cat([pixels, joints[..., 2:]], -1).numpy(), 'spin49', 'coco17')[0]
    return points[..., :2], points[..., 2] - points[:, HIPS, 2].mean(1, keepdims=True)


def annotate(track: HumanTrack, body: SMPL, first: int) -> list[dict]:
    """A person's annotations, numbered from ``first`` on; joints outside the picture are marked as not annotated."""
    points, depths = keypoints(track, body)
    found = []
    for i, frame in enumerate(track.frame_ids.tolist()):
        inside = ((points[i] >= 0) & (points[i] < track.image_size)).all(-1, keepdims=True)
        x1, y1, x2, y2 = track.bboxes[i].tolist()
        found.append(dict(
            id=first + i, image_id=frame, category_id=1, iscrowd=0, bbox=[x1, y1, x2 - x1, y2 - y1],
            area=(x2 - x1) * (y2 - y1), num_keypoints=int(inside.sum()), track_id=track.track_id,
            keypoints=np.concatenate([points[i] * inside, 2 * inside], 1).ravel().tolist(), joint_depths=depths[i].tolist()))
    return found


def write(out: Path, frames: int | None = None) -> Path:
    """Writes ``frames/000000.jpg`` … and ``annotations.json``; returns the latter.

    Args:
        out: Folder.
        frames: How many of the clip's frames; all by default.
    """
    truth, body = load_tracks(ZOO / 'demo_clip_truth.npz'), SMPL()
    (out / 'frames').mkdir(parents=True, exist_ok=True)
    width, height = truth.image_size
    images = []
    for frame, _, picture in open_source(ZOO / 'demo_clip.mp4'):
        if frames is not None and frame >= frames:
            break
        name = f'{frame:06d}.jpg'
        cv2.imwrite(str(out / 'frames' / name), picture)
        images.append(dict(id=frame, file_name=name, width=width, height=height))
    annotations: list[dict] = []
    for track in truth.tracks:
        annotations += annotate(track.at_frames(0, len(images)), body, len(annotations))
    names = list(get_skeleton('coco17').joint_names)
    with atomic_path(out / 'annotations.json') as file:
        file.write_text(json.dumps(dict(images=images, annotations=annotations,
                                        categories=[dict(id=1, name='person', keypoints=names, skeleton=[])])))
    return out / 'annotations.json'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', type=Path, default=Path('data/demo_clip'))
    parser.add_argument('--frames', type=int, help='only the first so many')
    args = parser.parse_args()
    print(write(args.out, args.frames))


if __name__ == '__main__':
    main()
