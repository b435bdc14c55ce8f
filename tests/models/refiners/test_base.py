import pytest
import torch

from cliff_ext.models import SmoothNet, SynSP
from cliff_ext.models.refiners import average_windows, window_starts
from cliff_ext.structures import PoseSample

LOSS = dict(type='MotionLoss')


def synsp(**settings):
    torch.manual_seed(0)
    sizes = dict(window_size=8, in_channels=6, embed_dims=16, num_layers=2, num_heads=2, head_dims=8, loss=LOSS)
    return SynSP(**sizes | settings)


def smoothnet(**settings):
    torch.manual_seed(0)
    return SmoothNet(**dict(window_size=8, hidden_size=16, res_hidden_size=8, num_blocks=1, loss=LOSS) | settings)


def samples(targets):
    return [PoseSample(gt_pose=target) for target in targets]


@pytest.mark.parametrize('build', [synsp, smoothnet])
def test_whole_sequences_are_the_mean_of_their_windows(build):
    model = build(step=3, chunk=2).eval()
    sequences = [torch.randn(21, 6), torch.randn(8, 6), torch.randn(5, 6)]
    predicted = model(sequences, samples(sequences), mode='predict')
    starts = window_starts(21, 8, 3)
    windows = torch.stack([sequences[0][s:s + 8] for s in starts.tolist()])
    with torch.no_grad():
        wanted = average_windows(model(windows).refined, starts, 21)
    torch.testing.assert_close(predicted[0].pred_pose, wanted)
    assert [tuple(sample.pred_pose.shape) for sample in predicted] == [(21, 6), (8, 6), (5, 6)]
    assert all(sample.gt_pose is sequence for sample, sequence in zip(predicted, sequences, strict=True))
    assert hasattr(predicted[0], 'pred_quality') == isinstance(model, SynSP)


def test_a_batch_of_windows_is_predicted_at_once_and_quality_comes_along():
    model, windows = synsp().eval(), torch.randn(3, 2, 8, 6)
    with torch.no_grad():
        predicted, output = model(windows, mode='predict'), model(windows)
    assert torch.equal(torch.stack([s.pred_pose for s in predicted]), output.refined)
    assert predicted[0].pred_quality.shape == (2, 8)
    refined, quality = model.refine(torch.randn(2, 30, 6))
    assert refined.shape == (2, 30, 6) and quality.shape == (2, 30) and quality.min() > 0 and quality.max() < 1


@pytest.mark.parametrize('build', [synsp, smoothnet])
def test_training_lowers_the_loss(build):
    model = build(dropout=0.)
    clean = torch.sin(torch.arange(8.)[:, None] / 4 + 6 * torch.rand(64, 1, 6))
    noisy = clean + 0.1 * torch.randn_like(clean)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    totals = []
    for _ in range(30):
        losses = model(list(noisy), samples(clean), mode='loss')
        total = sum(losses.values())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        totals.append(float(total.detach()))
    assert totals[-1] < 0.6 * totals[0]
    assert all(p.grad is not None for p in model.parameters()), 'a parameter that no loss reaches is dead'


def test_losses_go_by_name_and_mmengine_can_sum_them():
    windows = torch.randn(2, 8, 6)
    assert set(smoothnet()(windows, samples(windows), mode='loss')) == {'loss_position', 'loss_acceleration'}
    losses = synsp()(windows, samples(windows), mode='loss')
    assert set(losses) == {'loss_position_position', 'loss_acceleration_position', 'loss_acceleration_acceleration',
                           'loss_refined_position', 'loss_refined_acceleration'}
    total, log = synsp().parse_losses(losses)
    assert total.item() == pytest.approx(float(sum(losses.values()))) and 'loss_refined_position' in log


@pytest.mark.parametrize(('call', 'message'), [
    (lambda m: m(torch.zeros(1, 9, 6)), r'takes windows \(N, 8, C\).*got \(1, 9, 6\)'),
    (lambda m: m([torch.zeros(8, 6), torch.zeros(7, 6)]), 'must have one shape'),
    (lambda m: m(torch.zeros(1, 8, 6), mode='train'), "'tensor', 'predict' or 'loss', got 'train'"),
    (lambda m: m(torch.zeros(2, 8, 6), samples(torch.zeros(1, 8, 6)), mode='loss'), '2 windows but 1 data samples'),
    (lambda m: m(torch.zeros(1, 8, 6), samples(torch.zeros(1, 8, 5)), mode='loss'), 'differ in shape'),
    (lambda m: m(torch.zeros(2, 8, 6), samples(torch.zeros(1, 8, 6)), mode='predict'), '2 sequences but 1 data samples'),
    (lambda m: m([torch.zeros(0, 6)], mode='predict'), 'no frames'),
])
def test_what_does_not_fit_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call(smoothnet())


def test_bad_steps_and_missing_losses_are_said():
    with pytest.raises(ValueError, match='step must be 1 to window_size = 8, got 9'):
        smoothnet(step=9)
    with pytest.raises(ValueError, match='built without a loss'):
        smoothnet(loss=None)(torch.zeros(1, 8, 6), samples(torch.zeros(1, 8, 6)), mode='loss')
