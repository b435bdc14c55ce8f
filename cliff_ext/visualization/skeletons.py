"""People as skeletons: over the frame, and from the side or above in one metric scene."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from cliff_ext.structures import Skeleton

from .boxes import track_color
from .scene import SceneCamera

NEAR = 0.1
"""Metres; bones with an end nearer than this to the camera are not drawn."""
BONE = 0.045
"""Metres, how thick a bone is drawn."""
THICKEST = 24
OUTLINE = (40, 40, 40)
RIGHT_SHADE = 0.6
"""Bones of the right side are this much darker, so that front and back can be told apart."""


def draw_skeletons(image: np.ndarray, joints: np.ndarray, focal_length: float, skeleton: Skeleton,
                   track_ids: Sequence[int]) -> np.ndarray:
    """Draws people on a copy of a picture, near bones over far ones.

    Args:
        image: (H, W, 3) uint8 BGR, whose centre is the principal point.
        joints: (N, K, 3) metres, x right, y down, z away from the picture's camera.
        focal_length: Pixels.
        skeleton: The joints' convention, with bones.
        track_ids: N identities.
    """
    canvas = image.copy()
    if not len(joints):
        return canvas
    size = np.array(image.shape[1::-1])
    depth = np.maximum(joints[..., 2], NEAR)
    pixels = np.round(joints[..., :2] / depth[..., None] * focal_length + size / 2)
    pixels = np.clip(pixels, -10 * size.max(), 10 * size.max()).astype(int)
    first, last = np.array(skeleton.bones, np.int64).reshape(-1, 2).T
    bone_depth = (joints[:, first, 2] + joints[:, last, 2]) / 2
    hidden = np.minimum(joints[:, first, 2], joints[:, last, 2]) < NEAR
    shades = [_shade(skeleton, a, b) for a, b in skeleton.bones]
    for flat in np.argsort(-bone_depth, axis=None, kind='stable'):
        person, bone = np.unravel_index(flat, bone_depth.shape)
        if hidden[person, bone]:
            continue
        ends = pixels[person, first[bone]].tolist(), pixels[person, last[bone]].tolist()
        thick = int(np.clip(round(BONE * focal_length / bone_depth[person, bone]), 1, THICKEST))
        color = (track_color(track_ids[person]) * shades[bone]).tolist()
        cv2.line(canvas, *ends, OUTLINE, thick + 2, cv2.LINE_AA)
        cv2.line(canvas, *ends, color, thick, cv2.LINE_AA)
    return canvas


def _shade(skeleton: Skeleton, first: int, last: int) -> float:
    right = any(skeleton.joint_names[joint].startswith('right_') for joint in (first, last))
    return RIGHT_SHADE if right else 1.


class SkeletonOverlay:
    """Skeletons over the frame; called as :class:`MeshOverlay` is.

    Args:
        skeleton: The joints' convention.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton

    def __call__(self, image: np.ndarray, joints: np.ndarray, focal_length: float,
                 track_ids: Sequence[int]) -> np.ndarray:
        """A new picture with people's joints (N, K, 3), metres, camera frame."""
        return draw_skeletons(image, joints, focal_length, self.skeleton, track_ids)


class SkeletonView:
    """Skeletons before a fixed camera that holds a whole scene; called as :class:`SideView` is.

    Args:
        skeleton: The joints' convention.
        points: (P, 3) metres, camera frame, places that the view must show.
        size: Width and height of the picture.
        view: ``side`` or ``top``.
    """

    def __init__(self, skeleton: Skeleton, points: np.ndarray, size: tuple[int, int] = (640, 480),
                 view: str = 'side') -> None:
        self.skeleton = skeleton
        self.camera = SceneCamera(points, size, view)
        self.background = self.camera.background

    def __call__(self, joints: np.ndarray, track_ids: Sequence[int]) -> np.ndarray:
        """People's joints (N, K, 3) in the camera frame to a BGR picture."""
        return draw_skeletons(self.background, self.camera.place(joints), self.camera.focal_length, self.skeleton, track_ids)
