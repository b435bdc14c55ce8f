"""Samplers for mixed pose data sets."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from cliff_ext.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class BalancedBatchOrder(Sampler):
    """Whole batches from each part of a mixed data set in turn, as many from each, in shuffled order.

    Every run of ``batch_size`` indices lies in one part, so parts with different joints can be mixed. Each part gives as
    many batches as the smallest one has [SynSP's mixing]; which of its items changes from epoch to epoch.

    Args:
        dataset: A ``MixedPoseDataset``, or anything concatenated (with ``cumulative_sizes``).
        batch_size: The data loader's.
        seed: Of the shuffling; None takes one that all processes share.

    Raises:
        ValueError: Not a concatenated data set, or a part holds less than a batch for every process.
    """

    def __init__(self, dataset: Sized, batch_size: int, seed: int | None = None) -> None:
        ends = getattr(dataset, 'cumulative_sizes', None)
        if ends is None:
            raise ValueError(f'BalancedBatchOrder mixes the parts of a MixedPoseDataset, got {type(dataset).__name__}')
        self.rank, self.world_size = get_dist_info()
        self.parts = list(zip([0, *ends[:-1]], ends, strict=True))
        self.batch_size = batch_size
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        fewest = min(stop - start for start, stop in self.parts)
        self.batches = fewest // (batch_size * self.world_size)
        if not self.batches:
            raise ValueError(f'the smallest part has {fewest} items, too few for a batch of {batch_size} on each of '
                             f'{self.world_size} processes; use a smaller batch_size')

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        count = self.batches * self.world_size
        batches = torch.cat([start + torch.randperm(stop - start, generator=generator)[:count * self.batch_size].view(
            count, self.batch_size) for start, stop in self.parts])
        order = torch.randperm(len(batches), generator=generator)
        yield from batches[order][self.rank::self.world_size].flatten().tolist()

    def __len__(self) -> int:
        return self.batches * len(self.parts) * self.batch_size

    def set_epoch(self, epoch: int) -> None:
        """Shuffles anew."""
        self.epoch = epoch
