"""MPI-INF-3DHP's download: ``S*/Seq*/annot.mat`` with videos, and ``mpi_inf_3dhp_test_set/TS*/annot_data.mat``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import scipy.io

from cliff_ext.io import MediaError, VideoReader, atomic_path

from .base import HumanRow, RawDataset, joints_box, to_spin49

VIDEOS = (0, 1, 2, 4, 5, 6, 7, 8)
"""Cameras at the height of people; the others look down from the ceiling."""
TRAIN_SIZE = (2048, 2048)
ACTIVITIES = dict(enumerate(('Standing/Walking', 'Exercising', 'Sitting', 'Reaching/Crouching', 'On the Floor', 'Sports',
                             'Miscellaneous'), 1))


class MPIINF3DHP(RawDataset):
    """MPI-INF-3DHP [Mehta et al., 3DV 2017]; joints in the camera, millimetres become metres.

    People of whom a joint lies outside the image are left out, as SPIN and mmhuman3d do.

    Args:
        root: Folder with ``S1`` … ``S8`` or ``mpi_inf_3dhp_test_set``.
        split: ``train`` or ``test``.
        stride: Every how many frames of the training videos.
        extract: Writes the frames that are used out of ``imageSequence/video_*.avi`` to ``imageFrames/video_*``.
    """

    name = 'mpi_inf_3dhp'

    def __init__(self, root: str | Path, split: str = 'train', stride: int = 10, extract: bool = False) -> None:
        if split not in ('train', 'test'):
            raise ValueError(f"mpi_inf_3dhp: split must be 'train' or 'test', got {split!r}")
        super().__init__(root)
        self.split, self.stride, self.extract = split, stride, extract

    def steps(self) -> list[Path]:
        if self.split == 'test':
            return self.files('mpi_inf_3dhp_test_set/TS*/annot_data.mat', 'Unpack mpi_inf_3dhp_test_set.zip there.')
        return self.files('S*/Seq*/annot.mat', 'Get it with the download script of the data set.')

    def read(self, step: Path) -> Iterator[HumanRow]:
        yield from self._test(step) if self.split == 'test' else self._train(step)

    def _train(self, path: Path) -> Iterator[HumanRow]:
        content = scipy.io.loadmat(path)
        cameras = read_focal_lengths(path.with_name('camera.calibration'))
        folder = path.parent
        for video in VIDEOS:
            points = content['annot2'][video, 0].reshape(-1, 28, 2).astype(np.float64)
            joints = content['annot3'][video, 0].reshape(-1, 28, 3).astype(np.float64) / 1000
            frames = range(0, len(points), self.stride)
            if self.extract:
                extract_frames(folder / 'imageSequence' / f'video_{video}.avi', folder / 'imageFrames' / f'video_{video}',
                               frames)
            place = folder.relative_to(self.root).as_posix()
            for frame in frames:
                image = f'{place}/imageFrames/video_{video}/frame_{frame + 1:06d}.jpg'
                yield from self._row(image, points[frame], joints[frame], 'mpi3dhp28', TRAIN_SIZE, cameras[video],
                                     f'{place}/video_{video}', frame, '')

    def _test(self, path: Path) -> Iterator[HumanRow]:
        content = read_hdf5(path, ('annot2', 'univ_annot3', 'valid_frame', 'activity_annotation'))
        size = TRAIN_SIZE if path.parent.name in ('TS1', 'TS2', 'TS3', 'TS4') else (1920, 1080)
        place = path.parent.relative_to(self.root).as_posix()
        valid = content['valid_frame'].reshape(-1) > 0
        self.skipped['frame marked as not valid'] += int((~valid).sum())
        for frame in np.flatnonzero(valid):
            action = ACTIVITIES.get(int(content['activity_annotation'].reshape(-1)[frame]), '')
            points, joints = (content[key][frame].reshape(17, -1).astype(np.float64) for key in ('annot2', 'univ_annot3'))
            yield from self._row(f'{place}/imageSequence/img_{frame + 1:06d}.jpg', points, joints / 1000, 'mpi3dhp17', size,
                                 None, path.parent.name, int(frame), action)

    def _row(self, image: str, points: np.ndarray, joints: np.ndarray, skeleton: str, size: tuple[int, int],
             focal_length: float | None, sequence: str, frame: int, action: str) -> Iterator[HumanRow]:
        pixels = to_spin49(points, skeleton)
        known = pixels[pixels[:, 2] > 0, :2]
        if (known < 0).any() or (known >= size).any():
            self.skipped['a joint outside the image'] += 1
            return
        yield HumanRow(image, joints_box(known), size, focal_length, pixels, to_spin49(joints, skeleton), sequence=sequence,
                       action=action, frame_id=frame)


def read_focal_lengths(path: Path) -> list[float]:
    """Mean focal length, pixels, of each camera in ``camera.calibration``: lines ``intrinsic`` with 16 numbers by rows.

    Raises:
        FileNotFoundError: No such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f'mpi_inf_3dhp: {path} is missing; it lies beside annot.mat in the download')
    rows = [line.split()[1:] for line in path.read_text().splitlines() if line.split()[:1] == ['intrinsic']]
    return [(float(row[0]) + float(row[5])) / 2 for row in rows]


def read_hdf5(path: Path, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Arrays of a Matlab 7.3 file, axes as h5py gives them (Matlab's backwards).

    Raises:
        ModuleNotFoundError: h5py is not installed.
        ValueError: An array is missing.
    """
    try:
        import h5py
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f'{path} is a Matlab 7.3 file; to read it, pip install cliff_ext[convert]') from error
    with h5py.File(path, 'r') as file:
        missing = [key for key in keys if key not in file]
        if missing:
            raise ValueError(f'{path} has no {", ".join(missing)}; it has {", ".join(file)}')
        return {key: np.asarray(file[key]) for key in keys}


def extract_frames(video: Path, folder: Path, frames: range) -> None:
    """Writes frames of a video as ``frame_%06d.jpg``, counted from 1; those already there stay.

    Raises:
        FileNotFoundError: No such video.
        MediaError: It ends before the frames do.
    """
    if not video.is_file():
        raise FileNotFoundError(f'mpi_inf_3dhp: {video} is missing; without it call the converter without extracting')
    paths = {frame: folder / f'frame_{frame + 1:06d}.jpg' for frame in frames}
    wanted = {frame: path for frame, path in paths.items() if not path.is_file()}
    if not wanted:
        return
    for index, image in enumerate(VideoReader(video)):
        if index in wanted:
            with atomic_path(wanted[index]) as temporary:
                cv2.imwrite(str(temporary), image)
        if index == max(wanted):
            return
    raise MediaError(f'{video} breaks off before frame {max(wanted)}, which is annotated; get it anew')
