import importlib

import pytest
import torch

from cliff_ext.models import soft_argmax

module = importlib.import_module('cliff_ext.models.heads.soft_argmax')


def plain(heatmaps: torch.Tensor) -> torch.Tensor:
    """By the definition, with everything in memory."""
    axes = heatmaps.ndim - 2
    probability = heatmaps.double().flatten(2).softmax(2).view(heatmaps.shape)
    means = []
    for axis in range(1, axes + 1):
        others = [d for d in range(-axes, 0) if d != -axis]
        means.append(probability.sum(others) @ torch.arange(heatmaps.shape[-axis]).double())
    return torch.stack(means, -1)


@pytest.mark.parametrize('shape', [(2, 3, 8, 6, 5), (1, 1, 1, 1, 1), (2, 4, 7, 9), (0, 3, 4, 4, 4)])
def test_expectations_are_those_of_the_definition(shape):
    torch.manual_seed(0)
    heatmaps = 3 * torch.randn(shape)
    found = soft_argmax(heatmaps)
    assert found.shape == (*shape[:2], len(shape) - 2)
    assert torch.allclose(found.double(), plain(heatmaps), atol=1e-5)


@pytest.mark.parametrize('buffer', [1, 700, 10**6])
def test_gradients_are_those_of_the_definition_whatever_the_buffer(monkeypatch, buffer):
    monkeypatch.setattr(module, 'CHUNK', buffer)
    torch.manual_seed(1)
    heatmaps = (2 * torch.randn(2, 3, 5, 6, 7)).requires_grad_()
    pull = torch.randn(2, 3, 3)
    (soft_argmax(heatmaps) * pull).sum().backward()
    ours, heatmaps.grad = heatmaps.grad, None
    (plain(heatmaps) * pull).sum().backward()
    assert torch.allclose(ours, heatmaps.grad, atol=1e-6)


def test_huge_values_do_not_overflow_and_peaks_are_exact():
    heatmaps = torch.full((1, 2, 4, 5, 6), -1e4)
    heatmaps[0, 0, 1, 2, 3] = heatmaps[0, 1, 3, 4, 5] = 1e4
    assert soft_argmax(heatmaps).tolist() == [[[3, 2, 1], [5, 4, 3]]]


def test_half_precision_maps_are_summed_in_float32():
    torch.manual_seed(2)
    heatmaps = torch.randn(1, 2, 16, 16, 16).bfloat16()
    with torch.autocast('cpu', torch.bfloat16):
        found = soft_argmax(heatmaps)
    assert found.dtype == torch.float32 and torch.allclose(found.double(), plain(heatmaps), atol=1e-4)


def test_other_shapes_are_named():
    with pytest.raises(ValueError, match=r'\(N, K, D, H, W\)'):
        soft_argmax(torch.zeros(3, 4, 5))


def test_no_second_heat_map_is_made(monkeypatch):
    monkeypatch.setattr(module, 'CHUNK', 2 * 16**3)
    heatmaps = torch.randn(2, 8, 16, 16, 16)
    with torch.profiler.profile(profile_memory=True) as profile, torch.no_grad():
        soft_argmax(heatmaps)
    taken = max(event.self_cpu_memory_usage for event in profile.events())
    assert 0 < taken <= heatmaps.nbytes // 8 + 4096
