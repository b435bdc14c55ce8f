"""Draws finished tracks over their source, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from cliff_ext.body_models import SMPL
from cliff_ext.io import FrameSource, VideoWriter, atomic_path
from cliff_ext.structures import HumanTrack
from cliff_ext.visualization import MeshOverlay, SideView, draw_boxes, fastest_backend

from .streaming import prefetch

KINDS = ('overlay', 'side', 'boxes')


class FrameIndex:
    """Rows of all tracks by frame."""

    def __init__(self, tracks: Sequence[HumanTrack]) -> None:
        self.tracks = tracks
        self.rows: dict[int, list[tuple[int, int]]] = {}
        for person, track in enumerate(tracks):
            for row, frame in enumerate(track.frame_ids.tolist()):
                self.rows.setdefault(frame, []).append((person, row))

    def field(self, frame: int, name: str) -> np.ndarray:
        """A field's rows (N, …) of everybody in a frame."""
        return np.stack([getattr(self.tracks[person], name)[row] for person, row in self.rows[frame]])

    def ids(self, frame: int) -> list[int]:
        """Identities of everybody in a frame."""
        return [self.tracks[person].track_id for person, _ in self.rows.get(frame, [])]


def pose_frame(body: SMPL, index: FrameIndex, frame: int) -> np.ndarray:
    """Vertices (N, V, 3) of everybody in a frame, camera frame."""
    if frame not in index.rows:
        return np.empty((0, 0, 3), np.float32)
    names = ('global_orient', 'body_pose', 'betas', 'transl')
    with torch.no_grad():
        return body(*(torch.from_numpy(index.field(frame, name)) for name in names)).vertices.numpy()


def draw_tracks(source: FrameSource, tracks: Sequence[HumanTrack], body: SMPL, kinds: Sequence[str], out_dir: Path,
                progress: bool = True) -> dict[str, Path]:
    """Writes one video (or folder of images) of each kind; reads the source once more, a frame at a time.

    Args:
        source: What the tracks came from.
        tracks: People with SMPL parameters.
        body: Same body model as the estimator's.
        kinds: Of :data:`KINDS`.
        out_dir: Where ``overlay.mp4`` and so on go.
        progress: Show a bar.

    Returns:
        Path of each kind.
    """
    index = FrameIndex(tracks)
    overlay = MeshOverlay(body.faces)
    places = np.concatenate([np.zeros((0, 3)), *(_extent(track) for track in tracks)])
    with ExitStack() as stack:
        sinks = {kind: stack.enter_context(open_sink(source, out_dir, kind)) for kind in kinds}
        side = None
        bar = tqdm(prefetch(source), total=source.num_frames, desc=f'drawing ({fastest_backend()})', unit='frame',
                   disable=not progress)
        for frame, name, image in bar:
            vertices = pose_frame(body, index, frame) if set(kinds) & {'overlay', 'side'} else None
            ids = index.ids(frame)
            for kind, sink in sinks.items():
                if kind == 'overlay':
                    focal = float(index.field(frame, 'focal_length')[0]) if ids else 1.
                    sink.write(name, overlay(image, vertices, focal, ids))
                elif kind == 'side':
                    side = side or SideView(body.faces, places, _even(image))
                    sink.write(name, side(vertices, ids))
                else:
                    boxes = index.field(frame, 'bboxes') if ids else np.empty((0, 4))
                    sink.write(name, draw_boxes(image, boxes, ids, index.field(frame, 'scores') if ids else None))
        return {kind: sink.path for kind, sink in sinks.items()}


def _extent(track: HumanTrack) -> np.ndarray:
    """Head and feet (2T, 3) of a standing person: SMPL turns about its pelvis, 0.22 m below its origin."""
    reach = np.array([[0., -1.0, 0.], [0., 0.7, 0.]])
    return (track.transl[:, None] + reach).reshape(-1, 3)


def _even(image: np.ndarray) -> tuple[int, int]:
    return image.shape[1], image.shape[0]


class _VideoSink:
    """Frames into a video."""

    def __init__(self, path: Path, fps: float) -> None:
        self.path = path
        self.writer = VideoWriter(path, fps)

    def __enter__(self) -> _VideoSink:
        self.writer.__enter__()
        return self

    def write(self, name: str, image: np.ndarray) -> None:
        self.writer.write(image)

    def __exit__(self, *error: object) -> None:
        self.writer.__exit__(*error)


class _FolderSink:
    """Frames into images of their own names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> _FolderSink:
        self.path.mkdir(parents=True, exist_ok=True)
        return self

    def write(self, name: str, image: np.ndarray) -> None:
        with atomic_path((self.path / name).with_suffix('.png')) as temporary:
            cv2.imwrite(str(temporary), image)

    def __exit__(self, *error: object) -> None:
        return


def open_sink(source: FrameSource, out_dir: Path, kind: str) -> _VideoSink | _FolderSink:
    """Where drawn frames go: a video for a video, a folder for images; a context with ``write`` and ``path``."""
    if source.is_video:
        return _VideoSink(out_dir / f'{kind}.mp4', source.fps or 25)
    return _FolderSink(out_dir / kind)
