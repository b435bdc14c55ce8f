import torch

from cliff_ext.models import SmoothNet
from cliff_ext.models.refiners.cosines import dct_matrix
from cliff_ext.registry import MODELS
from cliff_ext.structures import PoseSample


def test_every_coordinate_and_view_is_refined_alike():
    torch.manual_seed(0)
    model = SmoothNet(16).eval()
    windows = torch.randn(2, 3, 16, 5)
    with torch.no_grad():
        refined = model(windows).refined
        alone = model(windows[1, 2, :, 4].view(1, 16, 1)).refined
    assert refined.shape == windows.shape
    torch.testing.assert_close(refined[1, 2, :, 4], alone[0, :, 0])
    assert model(windows).quality is None


def test_published_and_mmhuman3d_sizes():
    ours = MODELS.build(dict(type='SmoothNet', window_size=32))
    assert sum(p.numel() for p in ours.parameters()) == 822048
    large = MODELS.build(dict(type='SmoothNet', window_size=32, res_hidden_size=512, num_blocks=5))
    assert len(large.state_dict()) == 24 and large.blocks[4].down.weight.shape == (512, 512)


def test_dropout_acts_in_training_only_and_inputs_stay():
    model, windows = SmoothNet(8), torch.randn(1, 8, 3)
    kept = windows.clone()
    assert not torch.equal(model(windows).refined, model(windows).refined)
    model.eval()
    assert torch.equal(model(windows).refined, model(windows).refined) and torch.equal(windows, kept)


def test_with_a_base_an_untrained_network_is_a_low_pass_that_learns():
    torch.manual_seed(0)
    model, windows = SmoothNet(16, dropout=0., base_frequencies=5, loss=dict(type='MotionLoss')), torch.randn(3, 16, 4)
    spectrum, before = dct_matrix(16) @ model(windows).refined, dct_matrix(16) @ windows
    torch.testing.assert_close(spectrum[:, :5], before[:, :5], atol=1e-4, rtol=1e-4)
    assert spectrum[:, 5:].abs().max() < 1e-4
    sum(model(windows, [PoseSample(gt_pose=window) for window in windows], mode='loss').values()).backward()
    moved = [name for name, parameter in model.named_parameters() if parameter.grad.any()]
    assert {'encoder.weight', 'decoder.weight', 'blocks.0.up.weight', 'blocks.2.up.bias'} <= set(moved)
