import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.evaluation import functional as f
from cliff_ext.geometry import procrustes_align


def test_acceleration_is_zero_for_steady_motion_and_counts_no_invented_frame():
    t = torch.arange(10.)[:, None, None]
    line = t * torch.tensor([0.1, -0.2, 0.3]) + torch.zeros(10, 5, 3)
    assert f.acceleration_errors(line).abs().max() < 1e-3 and len(f.acceleration_errors(line)) == 8
    jump = line.clone()
    jump[4] += 0.001
    assert torch.allclose(f.acceleration_errors(jump, line)[2:5], 3**.5 * torch.tensor([1., 2., 1.]), atol=1e-3)
    assert f.acceleration_errors(line[:2]).shape == (0, ) and f.acceleration_errors(line[None]).shape == (1, 8)


def test_distances_refuse_unlike_shapes():
    with pytest.raises(ValueError, match='one shape'):
        f.point_distances(torch.zeros(3, 17, 3), torch.zeros(3, 14, 3))


def test_root_relative_takes_the_mean_of_the_roots():
    points = torch.arange(12.).reshape(1, 4, 3)
    relative = f.root_relative(points, (1, 3))
    assert relative[0, [1, 3]].mean(0).abs().max() == 0 and torch.equal(relative + points[:, 2:3], points)


@given(st.integers(0, 10**6), st.floats(0.1, 5))
def test_scale_alignment_undoes_a_factor_and_is_the_best_one(seed, factor):
    truth = torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    assert f.scale_aligned_joint_errors(truth * factor, truth).max() < 1e-6
    noisy = truth + 0.1 * torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    best = (f.scale_align(noisy, truth) - truth).square().sum()
    assert best <= ((noisy * 1.01) - truth).square().sum() + 1e-9 and best <= (noisy - truth).square().sum() + 1e-9


def test_zero_points_stay_zero():
    assert f.scale_align(torch.zeros(1, 3, 3), torch.ones(1, 3, 3)).abs().max() == 0


def test_worst_frames():
    errors = torch.tensor([5., 1., 9., 3.])
    assert f.worst_frames(errors, 0.5).tolist() == [0, 2] and f.worst_frames(errors).tolist() == [2]
    assert f.worst_frames(errors, 1.).tolist() == [1, 3, 0, 2]
    assert len(f.worst_frames(torch.rand(1000))) == 10
    with pytest.raises(ValueError, match='needs frames'):
        f.worst_frames(torch.empty(0))


def test_pck_and_auc():
    distances = torch.tensor([[10., 149.9], [150., 400.]])
    assert f.pck_3d(distances).item() == 50.
    assert f.auc_3d(torch.zeros(3)).item() == pytest.approx(100 * 30 / 31)  # nothing is nearer than 0 mm
    points, truth = torch.tensor([[[3., 4.], [0., 0.]]]).repeat(2, 1, 1), torch.zeros(2, 2, 2)
    assert f.pck_2d(points, truth, torch.tensor([100., 99.]), 0.05).tolist() == [0.5, 1.]


def test_alignment_in_the_plane_and_of_three_frames():
    truth = torch.randn(3, 10, 2, dtype=torch.float64)
    turn = torch.tensor([[0., -1.], [1., 0.]], dtype=torch.float64)
    assert torch.allclose(procrustes_align(2 * truth @ turn.T + 5, truth), truth, atol=1e-9)
    solid = torch.randn(3, 10, 3, dtype=torch.float64)
    assert f.pa_joint_errors(3 * solid - 1, solid).max() < 1e-6
