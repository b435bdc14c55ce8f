"""Context crops of rendered people with their ground truth, and their augmentation."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from surfaces import surfaces_on_disk, warp_labels
from torch import Tensor
from tqdm import tqdm

from cliff_ext.io import atomic_path

SIZE = (96, 128)
CONTEXT = 1.5
"""Context crops hold this much more than CLIFF's, so that training can move and scale the box."""
CONTEXT_SIZE = (144, 192)
MIRROR = np.array([0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20, 23, 22])
RECOLORED = 0.3
"""Share of the crops whose colours training changes."""
HIDDEN = 0.1
"""Share of those that a patch hides a part of."""
FIELDS = ('center', 'scale', 'size', 'focal', 'global_orient', 'body_pose', 'betas', 'transl')


class Crops:
    """All context crops of a rendered data set, and their augmentation.

    The pictures are gathered in one file beside the shards, which all processes map into memory.

    Args:
        folder: With ``shard_*.npz``.
        surface: Batches tell which point of the body each second pixel shows.
    """

    def __init__(self, folder: Path, surface: bool = False) -> None:
        files = sorted(folder.glob('shard_*.npz'))
        if not files:
            raise FileNotFoundError(f'{folder}: no shard_*.npz; render them first with generate.py')
        parts: dict[str, list[np.ndarray]] = {name: [] for name in FIELDS}
        for file in files:
            with np.load(file, allow_pickle=False) as data:
                for name in FIELDS:
                    parts[name].append(data[name])
        self.data = {name: np.concatenate(parts.pop(name)) for name in FIELDS}
        self.crops = pictures_on_disk(files, len(self))
        self.surface = surfaces_on_disk(files, CONTEXT_SIZE, CONTEXT) if surface else None

    def __len__(self) -> int:
        return len(self.data['scale'])

    def batch(self, rows: np.ndarray, rng: np.random.Generator | None) -> dict[str, Tensor]:
        """Crops (N, 3, 128, 96) in [0, 255] with their ground truth; augmented if ``rng`` is given.

        With surfaces, there are ``surface`` (N, 64, 48), 1 + the person's vertex that is seen or 0, and ``mirrored`` (N,):
        vertices are named as they were before.
        """
        part = {name: values[rows] for name, values in self.data.items()} | dict(crops=self.crops[rows])
        count = len(rows)
        grow, shift = np.ones(count), np.zeros((count, 2))
        if rng is not None:
            grow = np.exp(np.clip(rng.normal(0, 0.05, count), -0.15, 0.15))
            shift = np.clip(rng.normal(size=(count, 2)) * 0.02, -0.06, 0.06)
        inputs = np.empty((count, SIZE[1], SIZE[0], 3), np.uint8)
        seen = np.zeros((count, SIZE[1] // 2, SIZE[0] // 2), np.uint16)
        for i, crop in enumerate(part['crops']):
            step = grow[i]
            start = np.array(CONTEXT_SIZE) / 2 + shift[i] * SIZE[1] - np.array(SIZE) / 2 * step + (step - 1) / 2
            affine = np.array([[step, 0, start[0]], [0, step, start[1]]])
            inputs[i] = cv2.warpAffine(crop, affine, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
            if self.surface is not None:
                seen[i] = warp_labels(self.surface[rows[i]], affine, seen.shape[1:])
        part['center'] = part['center'] + shift * part['scale'][:, None] * 200
        part['scale'] = part['scale'] * grow
        part['crops'] = inputs.transpose(0, 3, 1, 2)
        if self.surface is not None:
            part |= dict(surface=seen.astype(np.int32), mirrored=np.zeros(count))
        batch = {name: torch.from_numpy(np.ascontiguousarray(v)).float() for name, v in part.items()}
        if rng is None:
            return batch
        flips = rng.random(count) < 0.5
        batch = _mirror(batch, torch.from_numpy(flips))
        change = torch.from_numpy(rng.random(count) < RECOLORED)
        batch['crops'][change] = _recolored(batch['crops'][change], rng)
        return batch


def pictures_on_disk(files: list[Path], count: int) -> np.ndarray:
    """Context crops (N, 192, 144, 3) of all shards, mapped from a file that is made anew when a shard is newer."""
    path = files[0].parent / 'crops.npy'
    if path.exists() and path.stat().st_mtime > max(file.stat().st_mtime for file in files):
        return np.load(path, mmap_mode='r')
    with atomic_path(path) as temporary:
        pictures = np.lib.format.open_memmap(temporary, 'w+', np.uint8, (count, CONTEXT_SIZE[1], CONTEXT_SIZE[0], 3))
        start = 0
        for file in tqdm(files, desc='gathering crops', unit='shard'):
            with np.load(file, allow_pickle=False) as data:
                crops = data['crops']
            pictures[start:start + len(crops)] = crops
            start += len(crops)
        del pictures
    return np.load(path, mmap_mode='r')


def _mirror(batch: dict[str, Tensor], flips: Tensor) -> dict[str, Tensor]:
    """Mirrors the chosen samples: picture, place in the frame, and pose."""
    mirror = torch.diag(torch.tensor([-1., 1., 1.]))
    pose = torch.cat([batch['global_orient'][:, None], batch['body_pose']], 1)
    flipped = mirror @ pose[:, MIRROR] @ mirror
    pose = torch.where(flips[:, None, None, None], flipped, pose)
    across = torch.stack([batch['size'][:, 0] - batch['center'][:, 0], batch['center'][:, 1]], 1)
    if 'surface' in batch:
        surface = torch.where(flips[:, None, None], batch['surface'].flip(2), batch['surface'])
        batch |= dict(surface=surface, mirrored=flips)
    return batch | dict(
        crops=torch.where(flips[:, None, None, None], batch['crops'].flip(3), batch['crops']),
        center=torch.where(flips[:, None], across, batch['center']),
        transl=torch.where(flips[:, None], batch['transl'] * torch.tensor([-1., 1., 1.]), batch['transl']),
        global_orient=pose[:, 0], body_pose=pose[:, 1:])


def _recolored(crops: Tensor, rng: np.random.Generator) -> Tensor:
    """Brightness, contrast, colour cast, grey, noise, and a hiding patch."""
    count = len(crops)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.from_numpy(rng.uniform(low, high, (count, *shape))).float()

    mean = crops.mean((1, 2, 3), keepdim=True)
    crops = (crops - mean) * uniform(0.7, 1.35, 1, 1, 1) + mean * uniform(0.7, 1.3, 1, 1, 1)
    crops = crops * uniform(0.85, 1.15, 3, 1, 1)
    grey = uniform(0, 1, 1, 1, 1) < 0.1
    crops = torch.where(grey, crops.mean(1, keepdim=True), crops)
    crops = crops + torch.randn_like(crops) * uniform(0, 8, 1, 1, 1)
    for i in np.flatnonzero(rng.random(count) < HIDDEN):
        x, y = rng.integers(0, SIZE[0] - 20), rng.integers(0, SIZE[1] - 20)
        w, h = rng.integers(8, 40), rng.integers(8, 56)
        crops[i, :, y:y + h, x:x + w] = torch.from_numpy(rng.uniform(0, 255, (3, 1, 1))).float()
    return crops.clamp(0, 255)
