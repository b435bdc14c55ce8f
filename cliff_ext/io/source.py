"""One door for a video, an image, a folder of images or a glob: frames in order, one at a time."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from .video import MediaError, VideoReader

IMAGE_ENDINGS = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')


class FrameSource:
    """Frames of one input; can be iterated again from the start.

    Attributes:
        source: What was opened, as given.
        is_video: Frames follow each other in time.
        fps: Frames a second, None for images.
        num_frames: How many there are; an estimate for a video.
        problems: What went wrong while reading, each naming its frame.
    """

    def __init__(self, source: str, images: list[Path] | None, video: VideoReader | None) -> None:
        self.source = source
        self.images = images
        self.video = video
        self.is_video = video is not None
        self.fps = video.fps if video is not None else None
        self.num_frames = video.num_frames if video is not None else len(images or [])
        self.problems: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, str, np.ndarray]]:
        """Yields frame number, name, and the BGR picture (H, W, 3) uint8; unreadable images are skipped and noted."""
        self.problems = []
        if self.video is not None:
            stem = Path(self.source).stem
            for index, frame in enumerate(self.video):
                yield index, f'{stem}_{index:06d}', frame
            self.problems = list(self.video.problems)
            return
        for index, path in enumerate(self.images or []):
            image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR) if path.stat().st_size else None
            if image is None:
                self.problems.append(f'frame {index}: {path} is not a readable image, skipped')
                continue
            yield index, path.name, image
        if len(self.problems) == self.num_frames:
            raise MediaError(f'{self.source}: none of the {self.num_frames} images can be read')


def _natural(path: Path) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r'(\d+)', str(path)) if part]


def open_source(path: str | Path) -> FrameSource:
    """Opens a video, an image, a folder of images, or a glob of images.

    Raises:
        MediaError: Nothing there, no image in the folder or glob, or neither image nor video.
    """
    name = str(path)
    path = Path(path)
    if path.is_dir():
        images = [p for p in path.iterdir() if p.suffix.lower() in IMAGE_ENDINGS]
        if not images:
            raise MediaError(f'{name}: no images in this folder (looked for {", ".join(IMAGE_ENDINGS)})')
        return FrameSource(name, sorted(images, key=_natural), None)
    if path.is_file():
        if path.suffix.lower() in IMAGE_ENDINGS:
            return FrameSource(name, [path], None)
        return FrameSource(name, None, VideoReader(path))
    if glob.has_magic(name):
        found = map(Path, glob.glob(name))  # noqa: PTH207  (patterns may be absolute)
        images = [p for p in found if p.suffix.lower() in IMAGE_ENDINGS]
        if not images:
            raise MediaError(f'{name}: no image matches this pattern')
        return FrameSource(name, sorted(images, key=_natural), None)
    raise MediaError(f'{name}: no such file or folder')
