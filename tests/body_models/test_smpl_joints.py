import pytest
import torch

from cliff_ext.body_models import SMPL, SMPLJoints
from cliff_ext.geometry import rotvec_to_rotmat


@pytest.fixture(scope='module')
def body() -> SMPL:
    return SMPL()


def params(count: int = 3) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    rotvec = 0.6 * torch.randn(count, 24, 3, generator=generator)
    return rotvec_to_rotmat(rotvec), torch.randn(count, 10, generator=generator), torch.randn(count, 3, generator=generator)


@pytest.mark.parametrize('joints', [None, range(25), [28, 3, 44], [2, 3]])
def test_the_joints_are_those_of_the_whole_body(body, joints):
    rotmats, betas, transl = params()
    whole = body(rotmats[:, 0], rotmats[:, 1:], betas, transl).joints
    wanted = whole if joints is None else whole[:, list(joints)]
    assert torch.allclose(SMPLJoints(body, joints)(rotmats, betas, transl), wanted, atol=2e-6)


def test_kinematic_joints_need_no_surface(body):
    assert len(SMPLJoints(body, [2, 3, 4]).rest_points) == 0
    assert len(SMPLJoints(body).rest_points) < 200


def test_bones_are_those_of_the_whole_body(body):
    rotmats, betas, _ = params()
    turns, places = SMPLJoints(body, ()).bones(rotmats, betas)
    assert torch.allclose(places, body(rotmats[:, 0], rotmats[:, 1:], betas).smpl_joints, atol=2e-6)
    elbow = rotmats[:, 0] @ rotmats[:, 3] @ rotmats[:, 6] @ rotmats[:, 9] @ rotmats[:, 13] @ rotmats[:, 16] @ rotmats[:, 18]
    assert torch.allclose(turns[:, 18], elbow, atol=1e-5)


def test_gradients_reach_all_parameters(body):
    inputs = [value.requires_grad_() for value in params(1)]
    SMPLJoints(body, range(25))(*inputs).square().sum().backward()
    assert all(value.grad.isfinite().all() and value.grad.abs().sum() > 0 for value in inputs)


def test_an_unknown_joint(body):
    with pytest.raises(ValueError, match='0 to 48'):
        SMPLJoints(body, [49])
