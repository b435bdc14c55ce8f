import threading

import pytest

from cliff_ext.apis.streaming import batched, prefetch, whole_groups


def test_order_is_kept_and_little_waits():
    taken = []

    def slow():
        for i in range(50):
            taken.append(i)
            yield i

    stream = prefetch(slow(), size=3)
    assert next(stream) == 0
    assert len(taken) <= 6
    assert list(stream) == list(range(1, 50))


def test_an_error_reaches_the_reader():
    def broken():
        yield 1
        raise ValueError('torn')

    stream = prefetch(broken())
    assert next(stream) == 1
    with pytest.raises(ValueError, match='torn'):
        next(stream)


def test_stopping_early_ends_the_thread():
    before = threading.active_count()
    stream = prefetch(iter(range(1000)), size=2)
    next(stream)
    stream.close()
    assert threading.active_count() == before


def test_batches():
    assert list(batched(range(5), 2)) == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize('groups, size, taken', [
    ([1, 1, 2, 2, 2, 4], 4, 2), ([1, 1, 2, 2, 2, 4], 5, 5), ([1, 1, 2, 2, 2, 4], 6, 6), ([1, 1, 2], 9, 3),
    ([7, 7, 7, 8], 2, 3), ([7, 7, 7], 1, 3), ([3], 1, 1)])
def test_groups_are_not_divided(groups, size, taken):
    assert whole_groups(groups, size) == taken
