"""Batches that come from another process."""

import pickle

import pytest
import torch
from mmengine.dataset import default_collate
from mmengine.structures import InstanceData
from torch.utils.data import DataLoader

from cliff_ext.datasets import collate_samples
from cliff_ext.structures import HumanDataSample


def item(i: int) -> dict:
    sample = HumanDataSample(metainfo=dict(sample_id=str(i), center=(1.5, i)))
    sample.gt_instances = InstanceData(betas=torch.full((1, 10), float(i)), has_smpl=torch.ones(1, dtype=torch.int16))
    return dict(inputs=torch.full((3, 4, 2), float(i)), data_samples=sample)


@pytest.mark.parametrize('workers', [0, 2])
def test_a_batch_arrives_as_it_was(workers):
    batches = list(DataLoader([item(i) for i in range(6)], 3, num_workers=workers, collate_fn=collate_samples))
    assert len(batches) == 2
    for first, batch in zip((0, 3), batches, strict=True):
        expected = default_collate([item(first + i) for i in range(3)])
        assert torch.equal(batch['inputs'], expected['inputs'])
        for sample, wanted in zip(batch['data_samples'], expected['data_samples'], strict=True):
            assert isinstance(sample, HumanDataSample) and sample.metainfo == wanted.metainfo
            for name, value in wanted.gt_instances.items():
                assert torch.equal(sample.gt_instances[name], value) and sample.gt_instances[name].dtype == value.dtype


def test_tensors_travel_by_value_and_can_be_written():
    batch = collate_samples([item(0), item(1)])
    found = pickle.loads(pickle.dumps(batch['data_samples']))
    assert type(found) is list and found[1].gt_instances.betas[0, 0] == 1
    found[1].gt_instances.betas += 1
    assert found[1].gt_instances.betas[0, 0] == 2 and batch['data_samples'][1].gt_instances.betas[0, 0] == 1
