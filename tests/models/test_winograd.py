import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cliff_ext.models.winograd import POINTS, WORKING_SET, WinogradConv2d, transforms, use_winograd


def test_the_transforms_convolve_exactly():
    output, kernel, inputs = transforms()
    signal, taps = np.arange(6.)**2, np.array([1., -2., 0.5])
    direct = [signal[i:i + 3] @ taps for i in range(4)]
    assert np.allclose(output @ ((kernel @ taps) * (inputs @ signal)), direct, atol=1e-12)
    assert len(set(POINTS)) == 5


@given(st.integers(1, 3), st.integers(1, 11), st.integers(1, 11), st.booleans())
def test_any_size_gives_what_the_direct_convolution_gives(count, height, width, bias):
    torch.manual_seed(height * 100 + width)
    conv = nn.Conv2d(5, 7, 3, padding=1, bias=bias)
    images = torch.randn(count, 5, height, width).to(memory_format=torch.channels_last)
    with torch.no_grad():
        assert torch.allclose(WinogradConv2d(conv)(images), conv(images), atol=2e-5)


def test_large_batches_in_parts_are_the_same():
    conv = nn.Conv2d(96, 96, 3, padding=1)
    images = torch.randn(8, 96, 32, 24)
    assert 36 * images.numel() / 16 > 2 * WORKING_SET
    with torch.no_grad():
        assert torch.allclose(WinogradConv2d(conv)(images), conv(images), atol=5e-5)


@given(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9), st.booleans(), st.booleans())
def test_residual_and_relu_are_those_of_the_separate_steps(count, height, width, relu, overwrite):
    torch.manual_seed(height * 100 + width)
    conv = nn.Conv2d(5, 7, 3, padding=1)
    images = torch.randn(count, 5, height, width).to(memory_format=torch.channels_last)
    residual = torch.randn(count, 7, height, width).to(memory_format=torch.channels_last)
    before = residual.clone()
    with torch.no_grad():
        truth = conv(images) + residual
        outputs = WinogradConv2d(conv)(images, residual, relu=relu, overwrite=overwrite)
    assert torch.allclose(outputs, truth.relu() if relu else truth, atol=2e-5)
    assert torch.equal(residual, outputs if overwrite else before)


@pytest.mark.parametrize('options, gains', [
    (dict(), True), (dict(stride=2), False), (dict(padding=0), False), (dict(dilation=2), False), (dict(groups=2), False),
    (dict(padding_mode='reflect'), False)])
def test_only_plain_wide_convolutions_are_replaced(options, gains):
    net = nn.Sequential(nn.Sequential(nn.Conv2d(96, 96, 3, **{'padding': 1, **options})), nn.Conv2d(96, 8, 3, padding=1))
    use_winograd(net)
    assert isinstance(net[0][0], WinogradConv2d) == gains and isinstance(net[1], nn.Conv2d)
