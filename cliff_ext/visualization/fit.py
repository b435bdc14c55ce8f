"""How joints lie on keypoints, before and after a fit: pictures and a curve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cliff_ext.io import atomic_path
from cliff_ext.structures import get_skeleton

from .boxes import track_color

KEYPOINT = (40, 40, 230)
RESIDUAL = (255, 255, 255)
LEAST_HEIGHT = 480
"""Smaller pictures are enlarged, so that lines stay thin."""


class FitPanels:
    """A frame twice, side by side: keypoints as red dots, the body's joints as sticks, white lines between the two.

    Args:
        skeleton: Of the keypoints.
        rows: (K,) which of its joints are given.
    """

    def __init__(self, skeleton: str, rows: Sequence[int]) -> None:
        place = {int(row): i for i, row in enumerate(rows)}
        self.bones = [(place[a], place[b]) for a, b in get_skeleton(skeleton).bones if a in place and b in place]

    def __call__(self, image: np.ndarray, keypoints: Sequence[np.ndarray], before: Sequence[np.ndarray],
                 after: Sequence[np.ndarray], track_ids: Sequence[int]) -> np.ndarray:
        """Both panels, (H', 2 W', 3) uint8 BGR.

        Args:
            image: (H, W, 3) uint8 BGR.
            keypoints: (K, 3) of each person.
            before: (K, 2) projected joints of each person.
            after: The same after the fit.
            track_ids: Identities.
        """
        factor = max(1, -(-LEAST_HEIGHT // image.shape[0]))
        large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) if factor > 1 else image
        return np.concatenate([self._panel(large, factor, title, keypoints, joints, track_ids)
                               for title, joints in (('before', before), ('after', after))], 1)

    def _panel(self, image: np.ndarray, factor: int, title: str, keypoints: Sequence[np.ndarray],
               joints: Sequence[np.ndarray], track_ids: Sequence[int]) -> np.ndarray:
        canvas = image.copy()
        thick = max(1, round(canvas.shape[0] / 480))
        for points, own, identity in zip(keypoints, joints, track_ids, strict=True):
            color = track_color(identity).tolist()
            ends = np.clip(own * factor, -1e4, 1e4).round().astype(int).tolist()
            marks = np.clip(points[:, :2] * factor, -1e4, 1e4).round().astype(int).tolist()
            for a, b in self.bones:
                cv2.line(canvas, ends[a], ends[b], color, 2 * thick, cv2.LINE_AA)
            for end, mark, sure in zip(ends, marks, points[:, 2] > 0, strict=True):
                if sure:
                    cv2.line(canvas, end, mark, RESIDUAL, thick, cv2.LINE_AA)
                    cv2.circle(canvas, mark, 2 * thick, KEYPOINT, -1, cv2.LINE_AA)
        cv2.putText(canvas, title, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(canvas, title, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
        return canvas


def plot_reprojection(path: str | Path, curves: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    """Writes the curves of the reprojection error over the frames, dashed before and drawn through after the fit.

    Args:
        path: Ends in ``.png``, ``.svg`` or ``.pdf``.
        curves: Frames (T,), errors before and after (T,) in pixels, by name; NaN leaves a hole.
    """
    figure = Figure(figsize=(10, 4), layout='constrained')
    axes = figure.subplots()
    for number, (name, (frames, before, after)) in enumerate(curves.items()):
        axes.plot(frames, before, 'x--', color=f'C{number}', linewidth=1, markersize=3, label=f'{name}, before')
        axes.plot(frames, after, '.-', color=f'C{number}', linewidth=1.2, markersize=3, label=f'{name}, after')
    axes.set_xlabel('frame')
    axes.set_ylabel('reprojection error [px]')
    axes.set_ylim(bottom=0)
    if curves:
        axes.legend(loc='upper right', ncols=2)
    with atomic_path(path) as temporary:
        FigureCanvasAgg(figure).print_figure(temporary, dpi=110)
