"""What a trained trunk saw in the crops of a rendered data set, with the truth, for training heads on it."""

from __future__ import annotations

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


@torch.no_grad()
def look(folder: Path, file: Path, config: str, augment: bool, seed: int = 0) -> Seen:
    """Every crop of ``folder`` once through the shipped trunk; ``file`` keeps what it saw for the next call."""
    crops, body = Crops(folder), SMPLJoints(SMPL())
    model = None if file.exists() else Estimator(config, 'embedded:demo_cliff.pth').model
    rng = np.random.default_rng(seed) if augment else None
    torch.manual_seed(seed)
    features, parts, samples = [], [], []
    for start in tqdm(range(0, len(crops), CHUNK), desc=f'looking at {folder}', mininterval=20):
        batch = crops.batch(np.arange(start, min(start + CHUNK, len(crops))), rng)
        if model is not None:
            inputs = model.data_preprocessor(dict(inputs=list(batch['crops'])))['inputs']
            features.append(model.extract_feat(inputs).half().numpy())
        parts.append([batch[name] for name in PLACE])
        samples += _samples(batch, body)
    if model is not None:
        with atomic_path(file) as temporary:
            np.save(temporary, np.concatenate(features))
    rows = np.empty(len(samples), object)
    rows[:] = samples
    return Seen(np.load(file, mmap_mode='r'), FullFrame(*(torch.cat(column) for column in zip(*parts, strict=True))), rows)


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
