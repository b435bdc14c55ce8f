import dataclasses

import pytest
import torch
from scipy.spatial.transform import Rotation

from cliff_ext.evaluation.functional import pa_joint_errors
from cliff_ext.models import RenderedHumanLoss
from tests.models.losses.rendered_people import frame_of, rendered, right_answer

TERMS = ('columns', 'orient', 'turn', 'pose', 'joints', 'limbs', 'aligned', 'keypoints2d', 'camera', 'betas')


@pytest.fixture(scope='module')
def loss():
    return RenderedHumanLoss()


def changed(output, **fields):
    return dataclasses.replace(output, **fields)


def test_the_truth_costs_nothing(loss):
    people = rendered(3)
    terms = loss(right_answer(people), frame_of(people), people)
    assert terms.keys() == {f'loss_{name}' for name in TERMS}
    assert float(terms.pop('loss_turn')) == pytest.approx(0.01, abs=1e-4), 'the root of a small number that keeps its slope'
    assert float(terms.pop('loss_aligned')) == pytest.approx(20 * 1e-3, abs=1e-4), 'the same, of millimetres'
    assert all(float(term) == pytest.approx(0, abs=1e-6) for term in terms.values())


def test_a_body_turned_as_a_whole_keeps_its_limbs(loss):
    people = rendered(2)
    truth = right_answer(people)
    half = torch.from_numpy(Rotation.from_euler('y', 90, degrees=True).as_matrix()).float()
    terms = loss(changed(truth, global_orient=half @ truth.global_orient), frame_of(people), people)
    assert float(terms['loss_limbs']) == pytest.approx(0, abs=1e-6) and float(terms['loss_pose']) == pytest.approx(0)
    assert float(terms['loss_orient']) == pytest.approx(2 * 4 / 9, rel=1e-4), 'four of nine entries'
    assert float(terms['loss_turn']) == pytest.approx(2., rel=1e-3)
    assert float(terms['loss_joints']) > 1 and float(terms['loss_keypoints2d']) > 0.01


def test_the_aligned_distance_is_pa_mpjpe_and_has_a_slope(loss):
    people = rendered(2)
    truth = right_answer(people)
    bent = truth.body_pose.clone()
    bent[:, [0, 3]] = torch.from_numpy(Rotation.from_euler('x', 80, degrees=True).as_matrix()).float() @ bent[:, [0, 3]]
    bent.requires_grad_()
    terms = loss(changed(truth, body_pose=bent), frame_of(people), people)
    joints = [loss.skeleton.bones(output.rotmats.detach(), output.betas)[1]
              for output in (changed(truth, body_pose=bent), truth)]
    assert float(terms['loss_aligned']) == pytest.approx(20 * float(pa_joint_errors(*joints).mean()) / 1000, rel=1e-3)
    terms['loss_aligned'].backward()
    assert bent.grad[:, [0, 3]].norm() > 0.1


def test_columns_have_a_slope_half_a_turn_off_where_rotations_have_none(loss):
    people = rendered(1)
    truth = right_answer(people)
    columns = truth.pose6d.clone()
    columns[:, [0, 1, 4, 5]] *= -1  # half a turn about the vertical axis, nearly
    columns.requires_grad_()
    loss(changed(truth, pose6d=columns), frame_of(people), people)['loss_columns'].backward()
    assert columns.grad[:, :6].norm() > 0.1


def test_a_person_behind_its_place_costs_pixels_in_crop_heights_up_to_one(loss):
    people = rendered(1)
    truth = right_answer(people)
    cam = truth.crop_cam.clone()
    cam[:, 1] += 1e3
    terms = loss(changed(truth, crop_cam=cam), frame_of(people), people)
    assert float(terms['loss_keypoints2d']) == pytest.approx((1 - 0.05) / 2, rel=1e-3), 'x is capped, y right'


@pytest.mark.parametrize('unknown', ['has_smpl', 'has_betas', 'has_transl'])
def test_people_who_are_not_fully_known_are_named(loss, unknown):
    people = [*rendered(1), *rendered(1, **{unknown: torch.zeros(1)})]
    with pytest.raises(ValueError, match=r'data sample 1 \(picture/0\) lacks .* HumanMeshLoss'):
        loss(right_answer(people), frame_of(people), people)


def test_half_precision_is_widened(loss):
    people = rendered(2)
    output = right_answer(people)
    half = type(output)(*(getattr(output, field.name).bfloat16() for field in dataclasses.fields(output)))
    terms = loss(half, frame_of(people), people)
    assert all(term.dtype == torch.float32 and torch.isfinite(term) for term in terms.values())
