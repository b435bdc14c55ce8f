import pytest
import torch

from cliff_ext.models import SynSP
from cliff_ext.models.refiners import average_windows, window_starts
from cliff_ext.models.refiners.synsp_inference import SynSPInference
from cliff_ext.models.refiners.windows import cut_windows


def network(**settings):
    """Weights, biases and norms all at random, so that none of them may be forgotten."""
    torch.manual_seed(0)
    model = SynSP(**dict(window_size=8, in_channels=6, embed_dims=16, num_layers=2, num_heads=2, head_dims=8) | settings)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, float(parameter.ndim == 1 and parameter.mean() == 1), parameter.shape[-1]**-0.5)
    return model.eval()


@pytest.mark.parametrize('settings', [
    dict(), dict(embed_dims=20), dict(base_frequencies=3), dict(window_size=16, num_layers=1),
    dict(in_channels=51, embed_dims=128, num_heads=4, head_dims=64),
    dict(in_channels=144, embed_dims=256, num_heads=4, head_dims=64, base_frequencies=2)])
@pytest.mark.parametrize(('views', 'step'), [((), 1), ((), 3), ((3, ), 1), ((2, ), 8)])
def test_all_outputs_are_those_of_the_windows(settings, views, step):
    model = network(**settings)
    size = model.window_size
    frames = torch.randn(*views, size + 5 * step, model.in_channels)
    windows = cut_windows(frames, size, step)
    before = frames.clone()
    output, wanted = SynSPInference(model)(frames, step), model(windows)
    assert windows.shape[0] == 6 and torch.equal(frames, before)
    for name, value in vars(wanted).items():
        ours = getattr(output, name)
        assert ours.shape == value.shape and not ours.requires_grad
        torch.testing.assert_close(ours, value.detach(), atol=1e-5 * float(value.detach().abs().max()), rtol=0)


def test_whole_sequences_go_this_way_but_not_in_training(monkeypatch):
    model, sequence, taken = network(), torch.randn(30, 6), []
    plain = model._refine_views
    monkeypatch.setattr(model, '_refine_views', lambda poses: taken.append(len(poses)) or plain(poses))
    refined, quality = model.refine(sequence)
    assert not taken
    with torch.no_grad():
        output = model(cut_windows(sequence, 8, 1))
    starts = window_starts(30, 8, 1)
    torch.testing.assert_close(refined, average_windows(output.refined, starts, 30), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(quality, average_windows(output.quality[..., None], starts, 30)[:, 0], atol=1e-5, rtol=1e-5)
    taken.clear()
    model.train().refine(sequence)
    assert taken == [23]


def test_it_is_built_anew_when_the_weights_change():
    model, sequence = network(), torch.randn(20, 6)
    before = model.refine(sequence)[0]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.1)
    after = model.refine(sequence)[0]
    torch.testing.assert_close(after[:8], model.refine(sequence[:15])[0][:8], atol=1e-5, rtol=1e-5)
    assert (after - before).abs().max() > 0.01


def test_mixed_precision_and_doubles_are_computed_in_single():
    model, sequence = network(), torch.randn(20, 6)
    wanted = model.refine(sequence)[0]
    with torch.autocast('cpu', torch.bfloat16):
        assert torch.equal(model.refine(sequence)[0], wanted)
    double = model.refine(sequence.double())[0]
    assert double.dtype == torch.float64
    torch.testing.assert_close(double.float(), wanted)


def test_sequences_of_another_skeleton_are_refused():
    with pytest.raises(ValueError, match='6 coordinates, got 9'):
        network().refine(torch.zeros(20, 9))
