"""The annotator's contact sheet: each person before and after the fine-tuning, with their keypoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch

from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.io import HumanData, atomic_path
from cliff_ext.visualization import MeshOverlay
from cliff_ext.visualization.contact_sheet import Tile, write_contact_sheet

PERSON = 300
"""Height of a person's box in the pictures, pixels; smaller people keep theirs."""
MARGIN = 1.5
"""Side of a picture over that of the box."""


class Judged(Protocol):
    """People with SMPL, and how well they agree with their keypoints."""

    people: HumanData
    confidence: np.ndarray
    distance: np.ndarray


def write_gallery(out: Path, image_root: Path, body: Any, before: Judged, after: Judged, ids: np.ndarray, most: int,
                  summary: str) -> Path:
    """Writes ``OUT/index.html`` and ``OUT/gallery``, least confident first.

    Args:
        out: Folder.
        image_root: Folder that image paths start from.
        body: Body model with ``faces``.
        before: N people as first predicted.
        after: The same people after the fine-tuning.
        ids: (N,) names of the people.
        most: Fewer people than N are taken evenly over all confidences.
        summary: Text at the top of the page.

    Returns:
        The page.
    """
    order = np.argsort(after.confidence, kind='stable')
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(most, len(order))).round().astype(int))]
    overlay = MeshOverlay(body.faces, alpha=0.75)
    tiles = []
    for row in chosen:
        name = f'gallery/{row:08d}.jpg'
        picture = cv2.imread(str(image_root / after.people.image_path[row]))
        pair = [draw_person(picture, part.people, int(row), body, overlay) for part in (before, after)]
        with atomic_path(out / name) as temporary:
            cv2.imwrite(str(temporary), np.concatenate(pair, 1), [cv2.IMWRITE_JPEG_QUALITY, 85])
        caption = (f'{after.people.image_path[row]}, person {ids[row]}: off by {100 * before.distance[row]:.1f} % of the '
                   f'box before (left), {100 * after.distance[row]:.1f} % after (right)')
        tiles.append(Tile(name, caption, float(after.confidence[row])))
    write_contact_sheet(out / 'index.html', tiles, f'Annotation of {after.people.dataset}', summary.replace('\n', '; '))
    return out / 'index.html'


def draw_person(picture: np.ndarray, people: HumanData, row: int, body: Any, overlay: MeshOverlay) -> np.ndarray:
    """A crop (h, w, 3) of the picture around one person, with their mesh and keypoints."""
    box = people.bbox[row]
    shrink = min(1., PERSON / float(box[3] - box[1]))
    small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else picture
    values = (torch.from_numpy(np.array(getattr(people, name)[row:row + 1]))
              for name in ('global_orient', 'body_pose', 'betas', 'transl'))
    orient, pose, betas, transl = values
    with torch.no_grad():
        vertices = body(rotvec_to_rotmat(orient), rotvec_to_rotmat(pose), betas, transl).vertices.numpy()
    if vertices[..., 2].min() > 0.1:
        small = overlay(small, vertices, float(people.focal_length[row]) * shrink, [0])
    else:
        small = small.copy()
    for x, y, confidence in people.keypoints2d[row]:
        if confidence > 0:
            cv2.circle(small, (round(float(x) * shrink), round(float(y) * shrink)), 3, (60, 60, 255), -1, cv2.LINE_AA)
    return _cut(small, box * shrink)


def _cut(picture: np.ndarray, box: np.ndarray) -> np.ndarray:
    """A square around the box, black outside the picture."""
    half = max(1, round(float(max(box[2] - box[0], box[3] - box[1])) * MARGIN / 2))
    left, top = (round(float(v)) - half for v in (box[:2] + box[2:]) / 2)
    square = np.zeros((2 * half, 2 * half, 3), np.uint8)
    height, width = picture.shape[:2]
    x, y, right, bottom = max(left, 0), max(top, 0), min(left + 2 * half, width), min(top + 2 * half, height)
    if right > x and bottom > y:
        square[y - top:bottom - top, x - left:right - left] = picture[y:bottom, x:right]
    return square
