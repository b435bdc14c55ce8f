"""Depths come into the order of who hides whom, by as little as that takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.apis import OcclusionOrder


def cues(count: int, **pairs: float) -> np.ndarray:
    """Antisymmetric matrix; ``p01=0.5`` says that person 0 hides person 1."""
    cue = np.zeros((count, count), np.float32)
    for name, value in pairs.items():
        i, j = map(int, name[1:])
        cue[i, j], cue[j, i] = value, -value
    return cue


@given(near=st.floats(1, 10), gap=st.floats(0.01, 0.6), cue=st.floats(0.05, 1))
def test_two_are_turned_around_where_the_gap_is_less_than_the_cue_is_worth(near, gap, cue):
    order = OcclusionOrder(strength=0.3, softness=0.05)
    found = np.array([near * np.exp(gap), near])
    settled = order(found, cues(2, p01=cue))
    if abs(gap - 0.3 * cue) > 0.01:
        assert (settled[0] < settled[1]) == (gap < 0.3 * cue)
    assert np.prod(settled) == pytest.approx(np.prod(found), rel=1e-4)  # both give way by the same share


def test_those_in_the_right_order_far_apart_stay():
    found = np.array([3., 5.])
    np.testing.assert_allclose(OcclusionOrder(0.3, 0.05)(found, cues(2, p01=1.)), found, rtol=1e-3)


def test_those_who_overlap_nobody_stay_as_they_are():
    found = np.array([3.1, 3., 4.], np.float32)
    order = OcclusionOrder()
    assert order(found, cues(3)) is found and len(order(found[:0], cues(0))) == 0
    settled = order(found, cues(3, p01=1.))
    assert settled[0] < settled[1] and settled[2] == pytest.approx(4.) and settled.dtype == np.float32


def test_a_row_of_three_is_settled_together():
    settled = OcclusionOrder(0.4, 0.05)(np.array([3.2, 3.1, 3.]), cues(3, p01=1., p12=1.))
    assert settled[0] < settled[1] < settled[2]
    assert settled[1] == pytest.approx(3.1, rel=0.01)


@pytest.mark.parametrize('name', ['strength', 'softness'])
@pytest.mark.parametrize('value', [0., -1., float('nan'), 'much'])
def test_senseless_numbers_are_refused(name, value):
    with pytest.raises(ValueError, match=f'{name} must be a positive number'):
        OcclusionOrder(**{name: value})
