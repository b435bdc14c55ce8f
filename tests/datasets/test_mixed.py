import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.datasets import MixedHumanDataset


def epoch(dataset: MixedHumanDataset) -> list:
    return [dataset[i] for i in range(len(dataset))]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(0, 100), st.data())
def test_every_epoch_holds_the_same_share_of_each(sizes, seed, data):
    shares = data.draw(st.lists(st.floats(0.5, 2), min_size=len(sizes), max_size=len(sizes)))
    np.random.seed(seed)
    dataset = MixedHumanDataset([[(which, i) for i in range(size)] for which, size in enumerate(sizes)], shares, length=50)
    for _ in range(2):
        counts = np.bincount([which for which, _ in epoch(dataset)], minlength=len(sizes))
        assert counts.tolist() == dataset.places.tolist() and counts.sum() == 50
        assert (np.abs(counts - 50 * np.array(shares) / sum(shares)) <= 1).all()


def test_small_data_sets_come_as_a_whole_and_large_ones_anew():
    dataset = MixedHumanDataset([list(range(10)), list(range(1000, 2000))], [0.3, 0.7], length=100)
    first, second = epoch(dataset), epoch(dataset)
    small = np.bincount([i for i in first if i < 10])
    assert len(small) == 10 and small.min() >= 2 and small.max() <= 4
    large = [i for i in first if i >= 1000]
    assert large == sorted(large) and len(set(large)) == 70 and np.diff(large).max() < 30
    assert large != [i for i in second if i >= 1000]


def test_an_epoch_is_as_long_as_the_largest_by_default():
    assert len(MixedHumanDataset([list(range(7)), list(range(19))], [1, 3])) == 19


def test_shares_are_checked():
    with pytest.raises(ValueError, match='2 data sets need as many shares in partition, got 1'):
        MixedHumanDataset([[1], [2]], [1])
    with pytest.raises(ValueError, match=r'partition \[1, 0\] gives \[4, 0\] of 4 places'):
        MixedHumanDataset([[1], [2]], [1, 0], length=4)
    with pytest.raises(ValueError, match='0 data sets'):
        MixedHumanDataset([], [])
