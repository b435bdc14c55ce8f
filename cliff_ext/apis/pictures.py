"""Draws finished tracks over their source, frame by frame: bodies of SMPL tracks, skeletons of tracks with 3D joints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from cliff_ext.body_models import SMPL
from cliff_ext.io import FrameSource, VideoWriter, atomic_path
from cliff_ext.structures import HumanTrack, Skeleton, get_skeleton
from cliff_ext.visualization import (
    MeshOverlay,
    SideView,
    SkeletonOverlay,
    SkeletonView,
    draw_boxes,
    fastest_backend,
)

from .streaming import prefetch

KINDS = ('overlay', 'side', 'top', 'boxes')
Drawer = Callable[..., np.ndarray]


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

    def fullest(self) -> int | None:
        """The frame with most people, the middle one of several; None where nobody is."""
        most = max(map(len, self.rows.values()), default=0)
        frames = sorted(frame for frame, people in self.rows.items() if len(people) == most)
        return frames[len(frames) // 2] if frames else None


def pose_frame(body: SMPL, index: FrameIndex, frame: int) -> np.ndarray:
    """Vertices (N, V, 3) of everybody in a frame, camera frame."""
    if frame not in index.rows:
        return np.empty((0, 0, 3), np.float32)
    names = ('global_orient', 'body_pose', 'betas', 'transl')
    with torch.no_grad():
        return body(*(torch.from_numpy(index.field(frame, name)) for name in names)).vertices.numpy()


class Figures(ABC):
    """What people look like in pictures.

    Attributes:
        overlay: Draws shapes (N, P, 3) of a frame over it: image, shapes, focal length, identities.
    """

    overlay: Drawer

    @abstractmethod
    def shapes(self, index: FrameIndex, frame: int) -> np.ndarray:
        """Points (N, P, 3) of everybody in a frame, metres, camera frame."""

    @abstractmethod
    def extent(self, track: HumanTrack) -> np.ndarray:
        """Places (P, 3) between which a person lies in all frames."""

    @abstractmethod
    def view(self, kind: str, places: np.ndarray, size: tuple[int, int]) -> Drawer:
        """Draws shapes from ``side`` or ``top``: shapes, identities."""


class Bodies(Figures):
    """Meshes of tracks with SMPL parameters.

    Args:
        body: Same body model as the estimator's.
    """

    def __init__(self, body: SMPL) -> None:
        self.body = body
        self.overlay = MeshOverlay(body.faces)

    def shapes(self, index: FrameIndex, frame: int) -> np.ndarray:
        return pose_frame(self.body, index, frame)

    def extent(self, track: HumanTrack) -> np.ndarray:
        """Head and feet (2T, 3) of a standing person: SMPL turns about its pelvis, 0.22 m below its origin."""
        reach = np.array([[0., -1.0, 0.], [0., 0.7, 0.]])
        return (track.transl[:, None] + reach).reshape(-1, 3)

    def view(self, kind: str, places: np.ndarray, size: tuple[int, int]) -> Drawer:
        return SideView(self.body.faces, places, size, kind)


class Skeletons(Figures):
    """Bones of tracks with 3D joints.

    Args:
        skeleton: The joints' convention.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.overlay = SkeletonOverlay(skeleton)

    def shapes(self, index: FrameIndex, frame: int) -> np.ndarray:
        if frame not in index.rows:
            return np.empty((0, len(self.skeleton), 3), np.float32)
        return index.field(frame, 'keypoints3d')

    def extent(self, track: HumanTrack) -> np.ndarray:
        return track.keypoints3d.reshape(-1, 3)

    def view(self, kind: str, places: np.ndarray, size: tuple[int, int]) -> Drawer:
        return SkeletonView(self.skeleton, places, size, kind)


def figures_of(tracks: Sequence[HumanTrack], body: SMPL | None) -> Figures:
    """Bodies where there is a body model, else skeletons.

    Raises:
        ValueError: No body model, and the tracks have no 3D joints or several joint sets.
    """
    if body is not None:
        return Bodies(body)
    names = {track.keypoints3d_skeleton for track in tracks} or {'h36m17'}
    if len(names) > 1 or None in names:
        raise ValueError('to draw people without a body model, all tracks need keypoints3d of one skeleton, got '
                         f'{sorted(map(str, names))}')
    return Skeletons(get_skeleton(names.pop()))


def draw_tracks(source: FrameSource, tracks: Sequence[HumanTrack], body: SMPL | None, kinds: Sequence[str], out_dir: Path,
                progress: bool = True) -> dict[str, Path]:
    """Writes one video (or folder of images) of each kind; reads the source once more, a frame at a time.

    Of a video's frame with most people there is a picture of each kind as well.

    Args:
        source: What the tracks came from.
        tracks: People with SMPL parameters, or with 3D joints.
        body: Same body model as the estimator's; None draws skeletons.
        kinds: Of :data:`KINDS`.
        out_dir: Where ``overlay.mp4``, ``overlay.png`` and so on go.
        progress: Show a bar.

    Returns:
        Path of each kind, and of its picture as ``KIND_png``.
    """
    index = FrameIndex(tracks)
    figures = figures_of(tracks, body)
    places = np.concatenate([np.zeros((0, 3)), *(figures.extent(track) for track in tracks)])
    still = index.fullest() if source.is_video else None
    files: dict[str, Path] = {}
    with ExitStack() as stack:
        sinks = {kind: stack.enter_context(open_sink(source, out_dir, kind)) for kind in kinds}
        views: dict[str, Drawer] = {}
        bar = tqdm(prefetch(source), total=source.num_frames, desc=f'drawing ({fastest_backend()})', unit='frame',
                   disable=not progress)
        for frame, name, image in bar:
            shapes = figures.shapes(index, frame) if set(kinds) - {'boxes'} else None
            for kind, sink in sinks.items():
                if kind in ('side', 'top') and kind not in views:
                    views[kind] = figures.view(kind, places, _even(image))
                picture = _draw(kind, figures, views, index, frame, image, shapes)
                sink.write(name, picture)
                if frame == still:
                    files[f'{kind}_png'] = out_dir / f'{kind}.png'
                    _save(files[f'{kind}_png'], picture)
        return {kind: sink.path for kind, sink in sinks.items()} | files


def _draw(kind: str, figures: Figures, views: dict[str, Drawer], index: FrameIndex, frame: int, image: np.ndarray,
          shapes: np.ndarray | None) -> np.ndarray:
    """One picture of a frame."""
    ids = index.ids(frame)
    if kind in views:
        return views[kind](shapes, ids)
    if kind == 'overlay':
        focal = float(index.field(frame, 'focal_length')[0]) if ids else 1.
        return figures.overlay(image, shapes, focal, ids)
    boxes = index.field(frame, 'bboxes') if ids else np.empty((0, 4))
    return draw_boxes(image, boxes, ids, index.field(frame, 'scores') if ids else None)


def _save(path: Path, image: np.ndarray) -> None:
    with atomic_path(path) as temporary:
        cv2.imwrite(str(temporary), image)


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
        _save((self.path / name).with_suffix('.png'), image)

    def __exit__(self, *error: object) -> None:
        return


def open_sink(source: FrameSource, out_dir: Path, kind: str) -> _VideoSink | _FolderSink:
    """Where drawn frames go: a video for a video, a folder for images; a context with ``write`` and ``path``."""
    if source.is_video:
        return _VideoSink(out_dir / f'{kind}.mp4', source.fps or 25)
    return _FolderSink(out_dir / kind)
