import pytest
import torch
from scipy.fft import dct

from cliff_ext.models import SynSP
from cliff_ext.models.refiners.cosines import dct_matrix


@pytest.fixture
def model():
    torch.manual_seed(0)
    return SynSP(8, 6, embed_dims=16, num_layers=2, num_heads=2, head_dims=8).eval()


def test_one_view_is_the_case_of_many(model):
    windows = torch.randn(3, 8, 6)
    with torch.no_grad():
        one, many = model(windows), model(windows[:, None])
    for name, value in vars(one).items():
        torch.testing.assert_close(value, getattr(many, name)[:, 0])


def test_views_may_come_in_any_order_and_inform_each_other(model):
    windows, order = torch.randn(2, 4, 8, 6), torch.tensor([2, 0, 3, 1])
    with torch.no_grad():
        output, other, alone = model(windows), model(windows[:, order]), model(windows[:, 0])
    for name, value in vars(output).items():
        torch.testing.assert_close(value[:, order], getattr(other, name), atol=1e-5, rtol=1e-5)
    assert (output.refined[:, 0] - alone.refined).abs().max() > 1e-4


def test_quality_is_lowest_where_the_two_estimates_differ_most(model):
    with torch.no_grad():
        output = model(torch.randn(5, 8, 6))
    assert output.quality.shape == (5, 8)
    difference = (output.position - output.acceleration).abs()
    relative = difference / difference.amax(1, keepdim=True)
    torch.testing.assert_close(output.quality, torch.exp(-relative).mean(-1), atol=2e-3, rtol=0)


def test_the_cosine_transform_is_scipys():
    poses = torch.randn(8, 5)
    torch.testing.assert_close(dct_matrix(8) @ poses, torch.from_numpy(dct(poses.numpy(), axis=0)))


def test_no_dead_entries_and_no_tables_in_checkpoints():
    names = SynSP(8, 51).state_dict()
    assert len(names) == 282 - 66 - 8
    assert sum(value.numel() for value in names.values()) == 3918873 - 1123584


def test_another_skeleton_is_refused(model):
    with pytest.raises(ValueError, match='6 coordinates, got 9'):
        model(torch.zeros(1, 8, 9))


def test_mixed_precision_keeps_the_spectrum_in_single():
    torch.manual_seed(0)
    model, windows = SynSP(8, 6, embed_dims=16, num_layers=2, num_heads=2, head_dims=8).eval(), torch.randn(2, 8, 6)
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        half = model(windows)
        assert model._in_single(model.cosines, windows).dtype == torch.float32
    with torch.no_grad():
        torch.testing.assert_close(half.refined.float(), model(windows).refined, atol=0.05, rtol=0.05)


def test_with_a_base_an_untrained_network_is_a_low_pass_that_learns():
    model = SynSP(8, 6, 16, num_layers=1, num_heads=2, head_dims=8, base_frequencies=3, loss=dict(type='MotionLoss'))
    windows = torch.randn(4, 8, 6)
    spectrum = dct_matrix(8) @ model(windows).refined
    torch.testing.assert_close(spectrum[:, :3], (dct_matrix(8) @ windows)[:, :3], atol=1e-5, rtol=1e-5)
    assert spectrum[:, 3:].abs().max() < 1e-5
    loss = sum(model.losses(model(windows), windows).values())
    loss.backward()
    assert all(head.second.weight.grad.abs().max() > 0 for head in (model.position_head, model.refine_head))
