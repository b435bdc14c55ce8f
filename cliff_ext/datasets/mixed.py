"""Several data sets mixed by ratio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from cliff_ext.registry import DATASETS

from .transforms import random_generator


@DATASETS.register_module()
class MixedHumanDataset(Dataset):
    """Each epoch holds a fixed part of each data set [SPIN's mixing], whatever the sampler.

    An epoch has ``length`` places. A data set's share of them is its ``partition``, and its items are spread over its
    places evenly: with fewer places than items each place draws from a stretch of neighbouring items (frames of a video),
    anew every time; with more places than items all items come, as often as each other.

    Args:
        datasets: Configs of data sets, or data sets.
        partition: Share of each data set, positive; divided by their sum.
        length: Places in an epoch; default: the size of the largest data set.

    Raises:
        ValueError: Not as many shares as data sets, or a share that gives no place.
    """

    def __init__(self, datasets: Sequence[dict | Dataset], partition: Sequence[float], length: int | None = None) -> None:
        self.datasets = [DATASETS.build(one) if isinstance(one, dict) else one for one in datasets]
        if len(partition) != len(self.datasets) or not self.datasets:
            raise ValueError(f'{len(self.datasets)} data sets need as many shares in partition, got {len(partition)}')
        length = max(len(one) for one in self.datasets) if length is None else length
        self.ends = np.round(np.cumsum(partition) / np.sum(partition) * length).astype(np.int64)
        self.places = np.diff(self.ends, prepend=0)
        if (self.places <= 0).any():
            raise ValueError(f'partition {list(partition)} gives {self.places.tolist()} of {length} places; every data set '
                             'needs one')
        self.metainfo: dict[str, Any] = dict(getattr(self.datasets[0], 'metainfo', {}), dataset='mixed')

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, index: int) -> Any:
        which = int(np.searchsorted(self.ends, index, side='right'))
        place = index - (self.ends[which] - self.places[which])
        dataset = self.datasets[which]
        at = (place + random_generator().random()) * len(dataset) / self.places[which]
        return dataset[min(int(at), len(dataset) - 1)]
