import numpy as np
import pytest
import torch
from mmengine.dataset import default_collate
from torch.utils.data import ConcatDataset

from cliff_ext.datasets import BalancedBatchOrder, MixedPoseDataset, PoseSequenceDataset
from cliff_ext.structures import PoseSample

PACK = [dict(type='PackPoseWindow')]


def flat(path, **options):
    return PoseSequenceDataset(dict(type='FlatLayout', file=str(path), representation='3D'), PACK, **options)


def test_windows_cover_every_frame_and_short_sequences_are_filled_up(flat_file):
    dataset = flat(flat_file((40, 5)), window_size=8, step=3)
    starts = {}
    for i in range(len(dataset)):
        item = dataset[i]
        sample = item['data_samples']
        assert item['inputs'].shape == (8, 51) == sample.gt_pose.shape and isinstance(sample, PoseSample)
        starts.setdefault(sample.sequence, []).append(sample.frame_ids.tolist())
    covered = {frame for frames in starts['01_00'] for frame in frames}
    assert covered == set(range(40)) and starts['01_01'] == [[0, 1, 2, 3, 4, 4, 4, 4]]


def test_whole_sequences_keep_their_length_and_metainfo(flat_file):
    dataset = flat(flat_file((40, 5)))
    assert [dataset[i]['inputs'].shape[0] for i in range(len(dataset))] == [40, 5]
    assert dataset.metainfo['root'] == (0, ) and dataset.metainfo['skeleton'] == 'h36m17'
    assert dataset.index_of('01_01') == 1
    with pytest.raises(KeyError, match="no sequence '02_01'; there are 2"):
        dataset.index_of('02_01')


def test_items_do_not_share_memory_with_the_dataset(flat_file):
    dataset = flat(flat_file(), window_size=8)
    dataset[0]['inputs'].fill_(7)
    assert dataset[0]['inputs'].max() < 7


def test_windows_with_unknown_truth_are_left_out_and_gaps_of_the_estimate_filled(smoothnet_files):
    truth, found = np.zeros((20, 51)), np.ones((20, 51))
    truth[10] = np.nan
    found[3] = np.nan
    root = smoothnet_files('h36m_fcn_3D', 'train', dict(joints_3d=[truth]), dict(joints_3d=[found]))
    layout = dict(type='SmoothNetLayout', dataset='h36m', estimator='fcn', representation='3D', split='train',
                  data_root=str(root))
    dataset = PoseSequenceDataset(layout, PACK, window_size=4)
    items = [dataset[i] for i in range(len(dataset))]
    assert all(item['data_samples'].gt_pose.isfinite().all() for item in items)
    assert {int(i['data_samples'].frame_ids[0]) for i in items} == {*range(7), *range(11, 17)}
    assert all((item['inputs'] == 1).all() for item in items) and dataset.sequences[0].filled == 1
    with pytest.raises(ValueError, match='none of the 1 sequences'):
        PoseSequenceDataset(layout, PACK, window_size=15)


def test_a_batch_stacks_inputs_and_lists_samples(flat_file):
    dataset = flat(flat_file(), window_size=8)
    batch = default_collate([dataset[0], dataset[1]])
    assert batch['inputs'].shape == (2, 8, 51) and len(batch['data_samples']) == 2


@pytest.mark.parametrize('world', [1, 2])
def test_mixed_batches_lie_in_one_part_and_every_part_gives_as_many(monkeypatch, world):
    dataset = ConcatDataset([list(range(40)), list(range(100)), list(range(23))])
    seen = []
    for rank in range(world):
        monkeypatch.setattr('cliff_ext.datasets.samplers.get_dist_info', lambda rank=rank: (rank, world))
        sampler = BalancedBatchOrder(dataset, batch_size=5, seed=3)
        order = list(sampler)
        assert len(order) == len(sampler)
        seen += [order[i:i + 5] for i in range(0, len(order), 5)]
    parts = [{int(np.searchsorted([40, 140, 163], index, 'right')) for index in batch} for batch in seen]
    assert all(len(part) == 1 for part in parts)
    counts = np.bincount([part.pop() for part in parts])
    assert counts.tolist() == [23 // (5 * world) * world] * 3
    flat_indices = [index for batch in seen for index in batch]
    assert len(set(flat_indices)) == len(flat_indices)


def test_mixing_is_seeded_and_changes_with_the_epoch():
    dataset = ConcatDataset([list(range(40)), list(range(100))])
    first, same = (BalancedBatchOrder(dataset, 8, seed=1) for _ in range(2))
    assert list(first) == list(same)
    before = list(first)
    first.set_epoch(1)
    assert list(first) != before
    with pytest.raises(ValueError, match='MixedPoseDataset, got list'):
        BalancedBatchOrder([1, 2], 1, seed=0)
    with pytest.raises(ValueError, match='smaller batch_size'):
        BalancedBatchOrder(dataset, 64, seed=0)
    assert torch.utils.data.BatchSampler(first, 8, False)


def test_mixing_refuses_two_representations(flat_file):
    path = str(flat_file())
    parts = [dict(type='PoseSequenceDataset', layout=dict(type='FlatLayout', file=path, representation=kind), pipeline=PACK)
             for kind in ('3D', 'smpl')]
    assert len(MixedPoseDataset(parts[:1] * 2)) == 4
    with pytest.raises(ValueError, match='keypoints3d, smpl'):
        MixedPoseDataset(parts)
