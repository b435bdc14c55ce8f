"""Renders the demo clip that ships: three held-out people, two cross, one leaves the picture and comes back.

    python projects/synthetic_humans/make_demo_clip.py MOTIONS --out cliff_ext/zoo
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from appearance import noise, random_outfit
from motions import Motion, load_motions
from scene import WORLD_TO_CAMERA, boxes_of, draw, pose_people
from scipy.spatial.transform import Rotation
from tqdm import tqdm

from cliff_ext.body_models import OPEN_BODY, SMPL
from cliff_ext.io import VideoWriter, save_tracks
from cliff_ext.structures import HumanTrack

SIZE = (640, 360)
FRAMES = 118
FPS = 30.
EYE = 1.45
"""Metres of the camera above the floor."""


@dataclass
class Walk:
    """A piece of a motion put into the room.

    Attributes:
        motion: Name in the archive.
        first: Its first frame used.
        heading: ``'right'``, ``'left'``, or None to stay about on the spot.
        start: Frame of the clip.
        place: (x, depth) of the pelvis in that frame, metres.
    """

    motion: str
    first: int
    heading: str | None
    start: int
    place: tuple[float, float]


CAST = (
    (3, (Walk('10_04', 2, 'right', 0, (-1.35, 5.2)), )),
    (8, (Walk('02_01', 4, 'right', 0, (0.35, 3.9)), Walk('02_02', 2, 'left', 66, (2.1, 3.9)))),
    (5, (Walk('02_05', 60, None, 0, (-2.3, 6.8)), )),
)
"""Seed of the shape, and what each person does; between two walks a person waits, out of sight."""


def room(rng: np.random.Generator, focal: float) -> np.ndarray:
    """A quiet room (H, W, 3): wall, skirting, floor boards."""
    width, height = SIZE
    image = np.empty((height, width, 3))
    image[:] = np.array([196, 203, 208]) * (0.94 + 0.08 * noise(rng, SIZE, 3))[..., None]
    horizon = int(height / 2 + focal * EYE / 9)
    rows = np.arange(horizon, height)
    depth = focal * EYE / (rows - height / 2)
    across = (np.arange(width) - width / 2)[None] * depth[:, None] / focal
    boards = 0.88 + 0.12 * (np.floor(across / 0.35) % 2)
    light = 0.8 + 0.25 * np.linspace(0, 1, len(rows))
    image[horizon:] = np.array([96, 128, 160]) * boards[..., None] * light[:, None, None]
    image[horizon - 5:horizon] = (150, 155, 160)
    cv2.rectangle(image, (60, 70), (170, 145), (150, 120, 90), -1)
    cv2.rectangle(image, (60, 70), (170, 145), (90, 100, 110), 3)
    return image


def walk(motion: Motion, part: Walk) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (T, 24, 3, 3), root in the camera frame, and pelvis places (T, 3) of a motion put into the room."""
    rows = slice(part.first, part.first + FRAMES - part.start)
    rotmats, root = motion.rotmats[rows].copy(), motion.root[rows].copy()
    way = root[-1, :2] - root[0, :2]
    wanted = {'right': 0., 'left': np.pi, None: np.arctan2(way[1], way[0]) + 0.3}[part.heading]
    turn = Rotation.from_euler('z', wanted - np.arctan2(way[1], way[0])).as_matrix()
    root = (root - [*root[0, :2], 0]) @ turn.T
    rotmats[:, 0] = WORLD_TO_CAMERA @ turn @ rotmats[:, 0]
    places = root @ WORLD_TO_CAMERA.T + [part.place[0], EYE, part.place[1]]
    return rotmats, places


def path(motions: dict[str, Motion], parts: Sequence[Walk]) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`walk` for all frames of the clip: each walk until the next one starts, its last pose where it is shorter."""
    rotmats, places = np.empty((FRAMES, 24, 3, 3), np.float32), np.empty((FRAMES, 3))
    for part in parts:
        turned, moved = walk(motions[part.motion], part)
        rows = np.minimum(np.arange(FRAMES - part.start), len(turned) - 1)
        rotmats[part.start:], places[part.start:] = turned[rows], moved[rows]
    return rotmats, places


def act(body: SMPL, motions: dict[str, Motion]) -> list[dict[str, np.ndarray]]:
    """SMPL parameters (T, …) of the whole cast, feet on the floor."""
    cast = []
    for seed, parts in CAST:
        rotmats, places = path(motions, parts)
        betas = np.tile(np.random.default_rng(seed).normal(size=10) * 0.7, (len(rotmats), 1))
        people = pose_people(body, rotmats, betas, np.zeros((len(rotmats), 3)))
        transl = places - people.joints[:, 0]
        lowest = (people.vertices[..., 1].max(1) + transl[:, 1])
        transl[:, 1] += EYE - np.percentile(lowest, 60)
        cast.append(dict(rotmats=rotmats, betas=betas, transl=transl))
    return cast


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('motions', type=Path, help='archive that holds the cast, see CAST')
    parser.add_argument('--out', type=Path, default=Path('cliff_ext/zoo'))
    args = parser.parse_args()
    body = SMPL()
    with np.load(OPEN_BODY) as arrays:
        region, rest = arrays['vertex_region'], arrays['v_template']
    regions = json.loads(OPEN_BODY.with_suffix('.json').read_text())['regions']
    cast = act(body, {motion.name: motion for motion in load_motions(args.motions)})
    outfits = [random_outfit(np.random.default_rng(seed), regions) for seed in (21, 34, 55)]
    focal = float(np.hypot(*SIZE))
    background = room(np.random.default_rng(4), focal)
    boxes, visible = [], []
    grain = np.random.default_rng(9)
    with VideoWriter(args.out / 'demo_clip.mp4', FPS, crf=25, preset='slow') as writer:
        for t in tqdm(range(FRAMES), desc='demo clip'):
            people = pose_people(body, *(np.stack([p[k][t] for p in cast]) for k in ('rotmats', 'betas', 'transl')))
            picture = draw(np.random.default_rng(12), body, people, outfits, region, rest, focal, background)
            box, share = boxes_of(people.vertices, picture.person, focal, SIZE)
            boxes.append(box)
            visible.append(share)
            writer.write(np.clip(picture.image + grain.normal(size=(*picture.person.shape, 1)) * 2, 0, 255).astype(np.uint8))
    tracks = [truth(i, person, np.array(boxes)[:, i], np.array(visible)[:, i], focal) for i, person in enumerate(cast)]
    save_tracks(args.out / 'demo_clip_truth.npz', tracks, SIZE, FPS, 'demo_clip.mp4')
    print(', '.join(f'person {t.track_id}: seen in {len(t)} of {FRAMES} frames' for t in tracks))


def truth(track_id: int, person: dict[str, np.ndarray], boxes: np.ndarray, visible: np.ndarray, focal: float) -> HumanTrack:
    """The frames in which at least a quarter of a person can be seen."""
    seen = visible > 0.25
    count = int(seen.sum())
    return HumanTrack(
        track_id=track_id, frame_ids=np.flatnonzero(seen), bboxes=boxes[seen], scores=visible[seen],
        filled=np.zeros(count, bool), global_orient=person['rotmats'][seen, 0], body_pose=person['rotmats'][seen, 1:],
        betas=person['betas'][seen], transl=person['transl'][seen], focal_length=np.full(count, focal), image_size=SIZE)


if __name__ == '__main__':
    main()
