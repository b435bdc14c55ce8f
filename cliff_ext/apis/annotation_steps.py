"""The annotator's predictions over a whole data set, kept in pieces so that a killed run goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.logging import print_log
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset
from tqdm import tqdm

from cliff_ext.datasets import HumanMeshDataset
from cliff_ext.geometry import rotmat_to_rotvec
from cliff_ext.io import HumanData, MediaError, atomic_path

PIECE = 1024
"""People in a piece."""


@dataclass
class Predictions:
    """SMPL of people in the full camera.

    Attributes:
        index: (N,) places in the data set, rising; images that cannot be read are passed over.
        global_orient: (N, 3) rotation vectors. body_pose: (N, 23, 3). betas: (N, 10). transl: (N, 3) metres.
        focal_length: (N,) pixels. image_size: (N, 2).
    """

    index: np.ndarray
    global_orient: np.ndarray
    body_pose: np.ndarray
    betas: np.ndarray
    transl: np.ndarray
    focal_length: np.ndarray
    image_size: np.ndarray

    def fill(self, people: HumanData) -> HumanData:
        """The same N people with these parameters."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != 'index'}
        flags = dict(has_smpl=None, has_betas=None, has_transl=None)
        return replace(people, **values, **flags)

    def at(self, index: np.ndarray) -> Predictions:
        """Those of some places of the data set.

        Raises:
            ValueError: A place is not among these.
        """
        places = np.searchsorted(self.index, index)
        if (places >= len(self.index)).any() or (self.index[places] != index).any():
            raise ValueError('images that could be read before cannot be read any more; look at the folder of images')
        return Predictions(**{f.name: getattr(self, f.name)[places] for f in fields(self)})


class _Readable(Dataset):
    """The data set's items, or in place of one whose image cannot be read the reason."""

    def __init__(self, dataset: HumanMeshDataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> tuple[int, dict[str, Any] | str]:
        try:
            return index, self.dataset[index]
        except MediaError as error:
            return index, str(error)


def predict_people(model: Callable[[], nn.Module], dataset: HumanMeshDataset, folder: Path,
                   loader: dict[str, Any]) -> Predictions:
    """Predicts everybody of a data set.

    Args:
        model: Gives the estimator; called only if there is something left to predict.
        dataset: With a pipeline that packs crops.
        folder: Holds the pieces; those already there are not predicted again.
        loader: Has ``batch_size`` and ``num_workers``.

    Raises:
        ValueError: No image can be read, or the network gives numbers that are not finite.
    """
    starts = range(0, len(dataset), PIECE)
    files = {start: folder / f'{start:08d}.npz' for start in starts}
    left = [start for start in starts if not files[start].is_file()]
    if left:
        network = model().eval()
        for start in tqdm(left, desc=f'predicting {len(dataset)} people ({folder.name})'):
            piece = Subset(_Readable(dataset), range(start, min(start + PIECE, len(dataset))))
            columns = _predict(network, piece, loader)
            with atomic_path(files[start]) as temporary:
                np.savez(temporary, **columns)
    parts = [np.load(file, allow_pickle=False) for file in files.values()]
    found = Predictions(**{f.name: np.concatenate([part[f.name] for part in parts]) for f in fields(Predictions)})
    if not len(found.index):
        raise ValueError(f'none of {len(dataset)} images can be read')
    return found


@torch.no_grad()
def _predict(network: nn.Module, piece: Dataset, loader: dict[str, Any]) -> dict[str, np.ndarray]:
    batches = DataLoader(piece, loader.get('batch_size', 1), num_workers=loader.get('num_workers', 0), collate_fn=list)
    rows: list[dict[str, np.ndarray]] = []
    for batch in batches:
        for _, item in batch:
            if isinstance(item, str):
                print_log(f'{item}; left out', 'current')
        good = [(index, item) for index, item in batch if not isinstance(item, str)]
        if not good:
            continue
        samples = network.test_step(dict(inputs=[item['inputs'] for _, item in good],
                                         data_samples=[item['data_samples'] for _, item in good]))
        rows += [_row(index, sample) for (index, _), sample in zip(good, samples, strict=True)]
    shapes = dict(index=(), global_orient=(3, ), body_pose=(23, 3), betas=(10, ), transl=(3, ), focal_length=(),
                  image_size=(2, ))
    return {name: np.array([row[name] for row in rows], np.int64 if name == 'index' else np.float32).reshape(-1, *shape)
            for name, shape in shapes.items()}


def _row(index: int, sample: Any) -> dict[str, Any]:
    found = sample.pred_instances
    row = dict(index=index, focal_length=float(found.focal_length[0]), image_size=sample.image_size)
    for name in ('global_orient', 'body_pose'):
        row[name] = rotmat_to_rotvec(found[name][0].float().cpu()).numpy()
    row |= {name: found[name][0].float().cpu().numpy() for name in ('betas', 'transl')}
    if not all(np.isfinite(value).all() for value in row.values()):
        raise ValueError(f'{sample.get("sample_id", index)}: the network gives numbers that are not finite; its weights are '
                         'broken, or the fine-tuning has diverged: lower its learning rate')
    return row
