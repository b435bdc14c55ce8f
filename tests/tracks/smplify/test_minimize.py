import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.registry import TASK_UTILS
from cliff_ext.tracks.smplify import BatchAdam, BatchLBFGS

CURVES = torch.tensor([[1., 30.], [5., 0.2], [1., 1.]])


def bowls(point: torch.Tensor) -> torch.Tensor:
    """A quadratic bowl of other proportions in each row, lowest at (1, 1)."""
    return (CURVES[:len(point)] * (point - 1).square()).sum(1)


def banana(point: torch.Tensor) -> torch.Tensor:
    return (1 - point[:, 0])**2 + 100 * (point[:, 1] - point[:, 0]**2)**2


@pytest.mark.parametrize('minimizer, iterations', [(BatchLBFGS(), 30), (BatchAdam(0.1), 400)])
def test_each_row_finds_its_own_minimum(minimizer, iterations):
    start = torch.zeros(3, 2)
    assert torch.allclose(minimizer(bowls, start, iterations), torch.ones(3, 2), atol=1e-3)
    assert not start.any()


def test_lbfgs_follows_a_curved_valley():
    found = BatchLBFGS()(banana, torch.tensor([[-1.2, 1.], [0., 0.]]), 120)
    assert torch.allclose(found, torch.ones(2, 2), atol=1e-2)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=2, max_size=6))
def test_a_row_comes_out_the_same_alone_and_in_a_batch(points):
    start = torch.tensor(points, dtype=torch.float64)
    together = BatchLBFGS()(banana, start, 15)
    alone = torch.cat([BatchLBFGS()(banana, row[None], 15) for row in start])
    assert torch.allclose(together, alone, atol=1e-9)
    assert (banana(together) <= banana(start)).all()


def test_a_row_without_a_finite_loss_stays_and_harms_nobody():

    def cliff(point):
        return torch.where(point[:, 0] > 5, torch.nan, bowls(point))

    found = BatchLBFGS()(cliff, torch.tensor([[9., 9.], [0., 0.]]), 30)
    assert found[0].tolist() == [9., 9.]
    assert torch.allclose(found[1], torch.ones(2), atol=1e-3)


def test_a_step_over_the_edge_is_taken_back():

    def steep(point):
        return torch.where(point[:, 0] < 0, torch.nan, point[:, 0] - 0.1 * point[:, 0].clamp(min=1e-9).log())

    assert BatchLBFGS(first_step=50.)(steep, torch.tensor([[3.]]), 60).item() == pytest.approx(0.1, abs=1e-2)


def test_settings():
    assert isinstance(TASK_UTILS.build(dict(type='BatchLBFGS', history=3)), BatchLBFGS)
    with pytest.raises(ValueError, match='history >= 1'):
        BatchLBFGS(history=0)
