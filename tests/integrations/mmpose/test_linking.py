"""Boxes that overlap from frame to frame are the same person."""

import numpy as np
import pytest

from cliff_ext.integrations.mmpose import BoxLinker
from cliff_ext.integrations.mmpose.linking import box_overlaps


def test_overlap_of_boxes():
    boxes = np.array([[0., 0., 10., 10.], [20., 20., 30., 30.]])
    np.testing.assert_allclose(box_overlaps(boxes, np.array([[5., 0., 15., 10.]])), [[1 / 3], [0.]])
    assert box_overlaps(boxes, np.zeros((0, 4))).shape == (2, 0)


def test_people_keep_their_identity_in_any_order_and_new_ones_get_another():
    linker = BoxLinker()
    a, b = np.array([0., 0., 10., 20.]), np.array([50., 0., 60., 20.])
    assert linker(0, np.stack([a, b])) == [0, 1]
    assert linker(1, np.stack([b + 1, a + 1])) == [1, 0]
    assert linker(2, np.stack([a + 100, a + 2])) == [2, 0]


def test_the_best_pairs_of_all_are_taken_not_the_first_one():
    linker = BoxLinker(iou_thr=0.1)
    linker(0, np.array([[0., 0., 10., 10.], [6., 0., 16., 10.]]))
    assert linker(1, np.array([[5., 0., 15., 10.], [-4., 0., 6., 10.]])) == [1, 0]


def test_people_who_cross_keep_their_identity_though_one_hides_the_other():
    linker = BoxLinker()
    for frame in range(30):
        right, left = (np.array([x, 0., x + 40, 100.]) for x in (6. * frame, 174. - 6. * frame))
        hidden = abs(right[0] - left[0]) < 15
        ids = linker(frame, np.stack([left]) if hidden else np.stack([right, left]))
        assert ids == ([1] if hidden else [0, 1]), frame


def test_somebody_unseen_is_remembered_for_a_while():
    here = np.array([[0., 0., 10., 20.]])
    linker = BoxLinker(memory=3)
    assert [linker(frame, here) for frame in (0, 4, 9)] == [[0], [0], [1]]


@pytest.mark.parametrize('limits', [dict(iou_thr=0.), dict(iou_thr=1.), dict(memory=-1)])
def test_limits_that_mean_nothing_are_refused(limits):
    with pytest.raises(ValueError, match='BoxLinker needs'):
        BoxLinker(**limits)
