import numpy as np
import pytest
import torch

from cliff_ext.evaluation.functional import (
    box_iou,
    box_recall,
    joint_errors,
    match_tracks,
    orientation_error,
    pa_joint_errors,
)


def test_joint_errors_are_millimetres_relative_to_the_root():
    truth = torch.zeros(1, 4, 3)
    moved = truth + torch.tensor([0.03, 0.04, 0.])
    assert joint_errors(moved, truth).item() == pytest.approx(50.)
    assert joint_errors(moved, truth, moved[:, 0], truth[:, 0]).item() == 0.


def test_pa_errors_forget_a_similarity_but_not_a_bend():
    truth = torch.randn(1, 10, 3)
    assert pa_joint_errors(2 * truth + 1, truth).item() < 1e-3
    bent = truth.clone()
    bent[0, 0] += 0.5
    assert pa_joint_errors(bent, truth).item() > 10


def test_orientation_error_is_in_degrees():
    half_turn = torch.diag(torch.tensor([-1., 1., -1.]))
    assert orientation_error(torch.eye(3), half_turn).item() == pytest.approx(180., abs=1e-3)


def test_box_overlap_and_recall():
    boxes = np.array([[0., 0, 10, 10], [20, 20, 30, 30]])
    assert box_iou(boxes, np.array([[0., 0, 10, 5]]))[:, 0].tolist() == [0.5, 0.]
    found = [boxes[:1], np.empty((0, 4)), np.concatenate([boxes, boxes])]
    assert box_recall(found, [boxes, boxes, boxes]) == (3, 6)


def test_identity_switches_and_coverage_are_counted(make_track):
    truth = [make_track(range(10), 5)]
    stray = make_track(range(3), 3, bboxes=np.tile([60., 5, 90, 20], (3, 1)))
    found = [make_track(range(4), 1), make_track(range(5, 10), 2), stray]
    report = match_tracks(found, truth)
    assert report.switches == 1 and report.coverage == {5: 0.9} and report.false_rows == 3
    assert match_tracks([], truth).coverage == {5: 0.}
