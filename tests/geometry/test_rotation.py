import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cliff_ext import geometry as g

numbers = st.floats(-6, 6, allow_nan=False, width=32)


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers, min_size=3, max_size=3))
def test_rotvec_survives_matrix_quaternion_and_6d(values):
    rotmat = g.rotvec_to_rotmat(torch.tensor(values, dtype=torch.float64))
    assert torch.allclose(rotmat @ rotmat.mT, torch.eye(3, dtype=torch.float64), atol=1e-9)
    for there, back in ((g.rotmat_to_rotvec, g.rotvec_to_rotmat), (g.rotmat_to_quat, g.quat_to_rotmat),
                        (g.rotmat_to_rot6d, g.rot6d_to_rotmat)):
        assert torch.allclose(back(there(rotmat)), rotmat, atol=1e-6)


def test_quarter_turn_about_z_takes_x_to_y():
    rotmat = g.rotvec_to_rotmat(torch.tensor([0., 0., torch.pi / 2]))
    assert torch.allclose(rotmat @ torch.tensor([1., 0., 0.]), torch.tensor([0., 1., 0.]), atol=1e-6)
    assert torch.allclose(g.rotmat_to_quat(rotmat), torch.tensor([0., 0., 0.5**0.5, 0.5**0.5]), atol=1e-6)


def test_rot6d_is_the_first_two_columns_interleaved():
    rotmat = g.rotvec_to_rotmat(torch.tensor([0.3, -0.5, 0.2]))
    assert torch.equal(g.rotmat_to_rot6d(rotmat), torch.stack([rotmat[0, 0], rotmat[0, 1], rotmat[1, 0], rotmat[1, 1],
                                                               rotmat[2, 0], rotmat[2, 1]]))


def test_degenerate_rot6d_gives_zero_not_nan():
    assert torch.equal(g.rot6d_to_rotmat(torch.zeros(6)), torch.zeros(3, 3))


def test_three_rotations_are_treated_like_any_other_number():
    many = torch.randn(5, 6)
    assert torch.equal(g.rot6d_to_rotmat(many)[:3], g.rot6d_to_rotmat(many[:3]))


@pytest.mark.parametrize('angle', [0., 1e-6, 0.5, 3.0, torch.pi])
def test_geodesic_distance_is_the_angle(angle):
    rotmat = g.rotvec_to_rotmat(torch.tensor([0., angle, 0.], dtype=torch.float64))
    assert g.geodesic_distance(torch.eye(3, dtype=torch.float64), rotmat).item() == pytest.approx(angle, abs=1e-7)


@pytest.mark.parametrize('function, shape', [(g.rotvec_to_rotmat, (4, )), (g.rot6d_to_rotmat, (2, 3)),
                                             (g.quat_to_rotmat, (3, )), (g.rotmat_to_quat, (3, 2)),
                                             (g.rotmat_to_rot6d, (9, ))])
def test_wrong_shapes_are_named(function, shape):
    with pytest.raises(ValueError, match='must have shape'):
        function(torch.zeros(shape))
