"""Which point of the body the context crops of rendered people show."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from cliff_ext.datasets.transforms.load_surface import surface_of_person
from cliff_ext.geometry import crop_moved_labels
from cliff_ext.io import MediaError, atomic_path


def surfaces_on_disk(files: list[Path], context_size: tuple[int, int], context: float) -> np.ndarray:
    """Each person's seen vertices (N, h / 2, w / 2), counted from 1, 0 none, mapped from a file beside the shards.

    Args:
        files: The shards, which lie beside their ``surface/``.
        context_size: (w, h) of context crops.
        context: Their height in that of a crop.

    Raises:
        MediaError: A picture's map is missing, unreadable, or of another picture.
    """
    path, size = files[0].parent / 'surface.npy', (context_size[0] // 2, context_size[1] // 2)
    if path.exists() and path.stat().st_mtime > max(file.stat().st_mtime for file in files):
        return np.load(path, mmap_mode='r')
    found = []
    for file in tqdm(files, desc='gathering surfaces', unit='shard'):
        with np.load(file, allow_pickle=False) as data:
            frames, centers, scales, sizes = data['frame'], data['center'], data['scale'], data['size']
        for frame, first in zip(*np.unique(frames, return_index=True), strict=True):
            picture = file.parent / 'surface' / f'{frame:06d}.png'
            everybody = cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)
            shape = tuple(-(-int(side) // 2) for side in sizes[first][::-1])
            if everybody is None or everybody.dtype != np.uint16 or everybody.shape != shape:
                raise MediaError(f'{picture}: no readable map of the surface; render it with generate.py')
            for person, row in enumerate(np.flatnonzero(frames == frame)):
                own, scale = surface_of_person(everybody, person), float(scales[row]) * context
                found.append(crop_moved_labels(own, 2, np.eye(3), centers[row], scale, size))
    with atomic_path(path) as temporary, temporary.open('wb') as out:
        np.save(out, np.stack(found))
    return np.load(path, mmap_mode='r')


def warp_labels(labels: np.ndarray, affine: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A crop's labels, both at half resolution, where ``affine`` (2, 3) takes the crop's pixels to the context crop's."""
    half = affine.copy()
    half[:, 2] = (affine[:, 2] + affine[:, :2].sum(1) / 2 - 0.5) / 2
    return cv2.warpAffine(labels, half, shape[::-1], flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
