import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.body_models import SMPL
from cliff_ext.evaluation.functional import jitter, joint_angle_errors, joint_rotations, match_people
from cliff_ext.geometry import rotvec_to_rotmat


def test_joint_rotations_turn_what_hangs_on_the_joint():
    """A forearm turns with pelvis, spine, collar, shoulder and elbow: its bone shows it."""
    body, generator = SMPL(), torch.Generator().manual_seed(0)
    rotations = rotvec_to_rotmat(torch.randn(3, 24, 3, generator=generator))
    rest = torch.eye(3).expand(3, 24, 3, 3)
    bones = []
    for pose in (rest, rotations):
        joints = body(pose[:, 0], pose[:, 1:], torch.zeros(3, 10)).smpl_joints
        bones.append(joints[:, 20] - joints[:, 18])
    turned = joint_rotations(rotations[:, 0], rotations[:, 1:])[:, 18] @ bones[0][..., None]
    torch.testing.assert_close(turned[..., 0], bones[1], rtol=0, atol=1e-5)


@given(angle=st.floats(-3, 3))
def test_angle_errors_count_nine_joints_and_obey_alignment(angle):
    rest = torch.eye(3).repeat(1, 24, 1, 1)
    turn = rotvec_to_rotmat(torch.tensor([0., angle, 0.]))
    assert joint_angle_errors(turn @ rest, rest) == pytest.approx(abs(math.degrees(angle)), abs=0.01)
    assert joint_angle_errors(turn @ rest, rest, turn.mT[None]) == pytest.approx(0, abs=0.01)
    elbow, wrist = rest.clone(), rest.clone()
    elbow[:, 18], wrist[:, 20] = turn, turn
    assert joint_angle_errors(elbow, rest) == pytest.approx(abs(math.degrees(angle)) / 9, abs=0.01)
    assert joint_angle_errors(wrist, rest) == 0


def test_jitter_of_a_cubic_path():
    time = torch.arange(6.)[:, None, None]
    points = torch.cat([time**3, time**2, time], -1).expand(6, 4, 3) / 1000
    torch.testing.assert_close(jitter(points, fps=10), torch.full((3, ), 6 / 1000 * 1000 / 10), rtol=1e-3, atol=0)
    assert len(jitter(points[:3])) == 0


def test_people_are_matched_nearest_first_and_only_where_boxes_meet():
    square = torch.tensor([[0., 0.], [0., 10.], [10., 0.], [10., 10.]])
    truth = torch.stack([square, square + 6, square + 500])
    found = torch.stack([square + 300, square + 4, square + 1])
    assert match_people(found, truth) == [(2, 0), (1, 1)]
    assert match_people(found[:1], truth) == [] == match_people(found[:0], truth) == match_people(found, truth[:0])
    assert match_people(found, truth, min_iou=0.99) == []
