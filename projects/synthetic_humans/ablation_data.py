"""What a trained trunk saw in the crops of a rendered data set, with the truth, for training heads on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from crops import Crops
from mmengine.structures import InstanceData
from to_human_data import BORDER
from torch import Tensor
from tqdm import tqdm

from cliff_ext.apis import Estimator
from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.geometry import project_points
from cliff_ext.io import atomic_path
from cliff_ext.models import CLIFF
from cliff_ext.structures import FullFrame, HumanDataSample

CHUNK = 64
PLACE = ('center', 'scale', 'size', 'focal')
POSE = ('global_orient', 'body_pose', 'betas', 'transl')


@dataclass
class Seen:
    """N people.

    Attributes:
        features: (N, C) float16, of the trunk.
        frame: Where their crops lie.
        samples: N data samples with ``gt_instances``.
    """

    features: np.ndarray
    place: FullFrame
    samples: np.ndarray

    def __len__(self) -> int:
        return len(self.samples)

    def batch(self, rows: np.ndarray) -> tuple[Tensor, list[HumanDataSample]]:
        """Features and samples of some people."""
        return torch.from_numpy(self.features[rows]).float(), self.samples[rows].tolist()

    def frame(self, rows: np.ndarray) -> FullFrame:
        """Places of some people."""
        return FullFrame(*(getattr(self.place, field.name)[rows] for field in fields(FullFrame)))

    @property
    def _off(self) -> Tensor:
        """(N, 2) pixels from the pictures' middle to the crops'."""
        return self.place.center - self.place.image_size / 2

    @property
    def border(self) -> np.ndarray:
        """(N,) bool, as ``to_human_data.py`` tells people at the frame's border."""
        return (self._off / self.place.image_size).abs().gt(BORDER).any(1).numpy()

    @property
    def angle(self) -> np.ndarray:
        """(N,) degrees between the optical axis and the ray through the crop's middle."""
        return torch.atan2(self._off.norm(dim=1), self.place.focal_length).rad2deg().numpy()

    def turn(self, rows: np.ndarray) -> Tensor:
        """Unit axes (n, 3) about which the optical axis turns to the ray through the crop's middle."""
        x, y = self._off[rows].unbind(1)
        return torch.nn.functional.normalize(torch.stack([-y, x, torch.zeros_like(x)], 1), dim=1)


def look(folder: Path, file: Path, config: str, augment: bool, seed: int = 0) -> Seen:
    """Every crop of ``folder`` once through the shipped trunk; ``file`` keeps what it saw for the next call."""

    def trunk() -> CLIFF:
        model = Estimator(config, 'embedded:demo_cliff.pth').model
        model.neck.with_maps = False
        return model

    features, columns = features_of(folder, file, trunk, seed if augment else None)
    body = SMPLJoints(SMPL())
    samples = [sample for start in range(0, len(features), CHUNK) for sample in _samples(
        {name: column[start:start + CHUNK] for name, column in columns.items()}, body)]
    rows = np.empty(len(samples), object)
    rows[:] = samples
    return Seen(features, FullFrame(*(columns[name] for name in PLACE)), rows)


def features_of(folder: Path, file: Path, trunk: Callable[[], CLIFF],
                seed: int | None) -> tuple[np.ndarray, dict[str, Tensor]]:
    """Every crop of ``folder`` once through a backbone and neck.

    Args:
        folder: With ``shard_*.npz``.
        file: Npy that keeps the features, and beside it an npz for the rest; where they are there, nothing is looked at.
        trunk: Gives the network.
        seed: Of the augmentation; None shows the crops as they are.

    Returns:
        Features (N, C) float16, and the crops' places and truth by name.
    """
    rest = file.with_suffix('.npz')
    if not (file.exists() and rest.exists()):
        _look_at(Crops(folder), file, rest, trunk(), seed)
    with np.load(rest, allow_pickle=False) as data:
        columns = {name: torch.from_numpy(data[name]) for name in PLACE + POSE}
    return np.load(file, mmap_mode='r'), columns


@torch.no_grad()
def _look_at(crops: Crops, file: Path, rest: Path, model: CLIFF, seed: int | None) -> None:
    """Writes both files; the features go to disk as they come."""
    rng = None if seed is None else np.random.default_rng(seed)
    torch.manual_seed(seed or 0)
    columns: dict[str, np.ndarray] = {}
    with atomic_path(file) as temporary:
        features = None
        for start in tqdm(range(0, len(crops), CHUNK), desc=f'looking for {file.stem}', mininterval=20):
            rows = slice(start, min(start + CHUNK, len(crops)))
            batch = crops.batch(np.arange(rows.start, rows.stop), rng)
            inputs = model.data_preprocessor(dict(inputs=list(batch['crops'])))['inputs']
            found = model.extract_feat(inputs.contiguous(memory_format=torch.channels_last)).half().numpy()
            if features is None:
                features = np.lib.format.open_memmap(temporary, 'w+', np.float16, (len(crops), found.shape[1]))
                columns = {name: np.empty((len(crops), *batch[name].shape[1:]), np.float32) for name in PLACE + POSE}
            features[rows] = found
            for name, column in columns.items():
                column[rows] = batch[name].numpy()
        del features
    with atomic_path(rest) as temporary:
        np.savez(temporary, **columns)


def _samples(batch: dict[str, Tensor], body: SMPLJoints) -> list[HumanDataSample]:
    orient, pose, betas, transl = (batch[name] for name in POSE)
    joints = body(torch.cat([orient[:, None], pose], 1), betas, transl)
    points = project_points(joints, batch['focal'], batch['size'] / 2)
    sure = torch.ones_like(joints[..., :1])
    truth = dict(global_orient=orient, body_pose=pose, betas=betas, keypoints2d=torch.cat([points, sure], 2),
                 keypoints3d=torch.cat([joints, sure], 2))
    known = dict.fromkeys(('has_smpl', 'has_betas', 'has_keypoints3d'), torch.ones(1))
    samples = []
    for i in range(len(orient)):
        place = dict(center=batch['center'][i].numpy(), scale=float(batch['scale'][i]),
                     image_size=tuple(batch['size'][i].tolist()), focal_length=float(batch['focal'][i]))
        sample = HumanDataSample(metainfo=place)
        sample.gt_instances = InstanceData(**{name: value[i:i + 1] for name, value in truth.items()}, **known)
        samples.append(sample)
    return samples
