"""Video in and out over PyAV: decoding one frame at a time, h264 that plays in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np

from .atomic import atomic_path


class MediaError(ValueError):
    """An input is not a video or image, or holds nothing to show."""


class VideoReader:
    """Streams a video's frames; never holds more than the decoder does.

    Args:
        path: Any file FFmpeg reads.

    Attributes:
        fps, width, height: As the container states.
        num_frames: As the container states, or estimated from the duration; 0 if unknown.
        problems: Filled while iterating, if the file breaks off.

    Raises:
        MediaError: Not a video, or one without a picture.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.problems: list[str] = []
        with self._open() as container:
            stream = container.streams.video[0]
            self.fps = float(stream.average_rate or stream.guessed_rate or 25)
            self.width, self.height = stream.width, stream.height
            seconds = float(stream.duration * stream.time_base) if stream.duration else (container.duration or 0) / 1e6
            self.num_frames = stream.frames or round(seconds * self.fps)
            if next(self._decode(container), None) is None:
                raise MediaError(f'{self.path}: the video holds no decodable frame')

    def _open(self) -> av.container.InputContainer:
        if not self.path.is_file():
            raise MediaError(f'{self.path}: no such file')
        try:
            container = av.open(str(self.path))
        except (av.FFmpegError, OSError) as error:
            raise MediaError(f'{self.path} is not a video that FFmpeg can read, or its index is cut off ({error.strerror}); '
                             'play it to see whether it is whole, or copy or encode it again') from error
        if not container.streams.video:
            container.close()
            raise MediaError(f'{self.path} holds no video stream')
        return container

    @staticmethod
    def _decode(container: av.container.InputContainer) -> Iterator[av.VideoFrame]:
        """Frames until the end or the first error, which ends a broken file."""
        container.streams.video[0].thread_type = 'AUTO'
        try:
            yield from container.decode(video=0)
        except av.FFmpegError:
            return

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yields BGR frames (H, W, 3) uint8, turned upright where the file says so."""
        self.problems = []
        count = 0
        with self._open() as container:
            for frame in self._decode(container):
                yield _upright(frame.to_ndarray(format='bgr24'), frame.rotation)
                count += 1
        if count < 0.95 * self.num_frames - 1:
            self.problems.append(f'{self.path} breaks off: {count} of about {self.num_frames} frames could be decoded')


def _upright(image: np.ndarray, rotation: int) -> np.ndarray:
    turns = round(rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


class VideoWriter:
    """Writes h264 in mp4; the file appears under its name only when it is whole.

    Args:
        path: Ends in ``.mp4``.
        fps: Frames a second.
        crf: Quality, lower is better; 18 to 28 is usual.
        preset: x264 preset; trades size for speed.
    """

    def __init__(self, path: str | Path, fps: float, crf: int = 23, preset: str = 'veryfast') -> None:
        self.path = Path(path)
        self.fps = Fraction(fps).limit_denominator(1001)
        self.options = {'crf': str(crf), 'preset': preset}
        self.num_frames = 0
        self._stream: av.VideoStream | None = None

    def __enter__(self) -> VideoWriter:
        self._target = atomic_path(self.path)
        self._container = av.open(str(self._target.__enter__()), 'w', options={'movflags': '+faststart'})
        return self

    def write(self, image: np.ndarray) -> None:
        """Appends a BGR frame (H, W, 3) uint8; all frames have the first one's size. Odd sides are padded by one pixel.

        Raises:
            ValueError: A frame of another size or type.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f'{self.path}: a frame must be (H, W, 3) uint8, got {image.dtype} {image.shape}')
        odd = [(0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)]
        image = np.pad(image, odd, mode='edge') if any(side for _, side in odd) else image
        if self._stream is None:
            self._stream = self._container.add_stream('libx264', rate=self.fps, options=self.options)
            self._stream.height, self._stream.width = image.shape[:2]
            self._stream.pix_fmt = 'yuv420p'
        if (self._stream.height, self._stream.width) != image.shape[:2]:
            raise ValueError(f'{self.path}: frame {self.num_frames} is {image.shape[1]}x{image.shape[0]}, the video '
                             f'{self._stream.width}x{self._stream.height}')
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format='bgr24')
        self._container.mux(self._stream.encode(frame))
        self.num_frames += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if kind is None and self._stream is None:
            kind, error = MediaError, MediaError(f'{self.path}: no frame was written')
        if kind is None:
            self._container.mux(self._stream.encode(None))
        if self._stream is not None:
            self._container.close()
        self._target.__exit__(kind, error, trace)
        if isinstance(error, MediaError) and self._stream is None:
            raise error
