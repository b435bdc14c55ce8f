import torch

from cliff_ext.models.losses import choose_torso, motion_energy, reprojection_loss
from cliff_ext.models.losses.smplify import bending_loss, geman_mcclure


def test_far_errors_cost_little_more_than_near_ones():
    assert geman_mcclure(torch.tensor(1.)).item() < 1.
    assert geman_mcclure(torch.tensor(1e5)).item() <= 1e4


def test_confidences_enter_squared_and_stay_as_they_are():
    keypoints = torch.tensor([[[10., 0., 0.5], [10., 0., 0.]]])
    before = keypoints.clone()
    loss = reprojection_loss(torch.zeros(1, 2, 2), keypoints)
    assert torch.allclose(loss, 0.25 * geman_mcclure(torch.tensor([[10., 0.]])))
    assert torch.equal(keypoints, before)


def test_elbows_and_knees_bend_one_way():
    pose = torch.zeros(2, 69)
    pose[0, [52, 55, 9, 12]] = torch.tensor([-1., 1., 1., 1.])
    pose[1, [52, 55, 9, 12]] = torch.tensor([1., -1., -1., -1.])
    right, wrong = bending_loss(pose)
    assert (right < 1).all() and (wrong > 7).all()


def test_the_torso_is_the_first_group_seen_whole():
    confidence = torch.ones(3, 6)
    confidence[1, 0] = 0
    confidence[2, [0, 3]] = 0
    torso = choose_torso(confidence, ((0, 1), (3, 4)))
    assert torso.tolist() == [[1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 1, 1, 0, 1, 1]]


def test_steady_motion_has_velocity_and_no_acceleration():
    path = torch.arange(5.).reshape(1, 5, 1) * torch.tensor([3., 4.])
    assert motion_energy(path, 1).item() == 100 and motion_energy(path, 2).item() == 0
    assert motion_energy(path[:, :2], 2).item() == 0
