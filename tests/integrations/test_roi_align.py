"""RoI align in torch against its definition, sample by sample, and against numbers known by hand."""

import math

import pytest
import torch

from cliff_ext.integrations.roi_align import roi_align_backward, roi_align_forward

EMPTY = torch.empty(0)


def align(features, rois, size, **options):
    output = features.new_zeros(len(rois), features.shape[1], *size)
    settings = dict(spatial_scale=1., sampling_ratio=0, pool_mode=1, aligned=True) | options
    roi_align_forward(features, rois, output, EMPTY, EMPTY, aligned_height=size[0], aligned_width=size[1], **settings)
    return output


def bilinear(channel, y, x):
    """One sample of a map (H, W); nothing further than a cell outside."""
    height, width = channel.shape
    if not (-1 <= y <= height and -1 <= x <= width):
        return 0.
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    v, u = y - top, x - left
    return float(channel[top, left] * (1 - v) * (1 - u) + channel[top, right] * (1 - v) * u +
                 channel[bottom, left] * v * (1 - u) + channel[bottom, right] * v * u)


def by_definition(features, rois, size, spatial_scale=1., sampling_ratio=0, aligned=True):
    output = features.new_zeros(len(rois), features.shape[1], *size)
    for n, (image, x1, y1, x2, y2) in enumerate(rois.tolist()):
        left, top = x1 * spatial_scale - 0.5 * aligned, y1 * spatial_scale - 0.5 * aligned
        least = 0 if aligned else 1
        width, height = max((x2 - x1) * spatial_scale, least), max((y2 - y1) * spatial_scale, least)
        cell_h, cell_w = height / size[0], width / size[1]
        rows, columns = ((sampling_ratio, sampling_ratio) if sampling_ratio else (math.ceil(cell_h), math.ceil(cell_w)))
        for i in range(size[0]):
            for j in range(size[1]):
                for c, channel in enumerate(features[int(image)]):
                    samples = [bilinear(channel, top + (i + (a + 0.5) / rows) * cell_h,
                                        left + (j + (b + 0.5) / columns) * cell_w)
                               for a in range(rows) for b in range(columns)]
                    output[n, c, i, j] = sum(samples) / max(len(samples), 1)
    return output


ROIS = torch.tensor([[0, 2., 3., 30., 25.], [1, -9., -4., 12., 14.], [1, 20., 18., 60., 70.], [0, 5., 5., 5., 5.],
                     [0, 100., 100., 120., 130.], [1, 7.3, 1.1, 8.2, 39.7]])


@pytest.mark.parametrize('options', [dict(), dict(sampling_ratio=2), dict(aligned=False), dict(spatial_scale=0.5),
                                     dict(spatial_scale=0.25, aligned=False, sampling_ratio=3)])
def test_every_bin_is_the_mean_of_its_samples(options):
    features = torch.randn(2, 3, 18, 22, generator=torch.Generator().manual_seed(0))
    expected = by_definition(features, ROIS, (4, 3), **options)
    assert expected.abs().max() > 0.1
    torch.testing.assert_close(align(features, ROIS, (4, 3), **options), expected, atol=1e-5, rtol=1e-5)


def test_a_ramp_gives_the_middles_of_the_bins():
    ramp = torch.arange(16.).expand(1, 1, 16, 16)
    found = align(ramp, torch.tensor([[0, 2., 2., 10., 10.]]), (2, 4))
    torch.testing.assert_close(found[0, 0], torch.tensor([2.5, 4.5, 6.5, 8.5]).expand(2, 4))


def test_a_gradient_flows_back_to_where_the_samples_came_from():
    features = torch.randn(2, 2, 12, 12, dtype=torch.float32, generator=torch.Generator().manual_seed(1))
    upstream = torch.randn(len(ROIS), 2, 3, 3, generator=torch.Generator().manual_seed(2))
    grad = torch.zeros_like(features)
    roi_align_backward(upstream, ROIS, EMPTY, EMPTY, grad, aligned_height=3, aligned_width=3, spatial_scale=0.5,
                       sampling_ratio=0, pool_mode=1, aligned=True)
    step = torch.randn(features.shape, generator=torch.Generator().manual_seed(3))
    change = (align(step, ROIS, (3, 3), spatial_scale=0.5) * upstream).sum()  # linear in the features
    assert grad.abs().max() > 0
    torch.testing.assert_close((grad * step).sum(), change, atol=1e-3, rtol=1e-4)


def test_no_boxes_give_nothing():
    assert align(torch.zeros(1, 2, 8, 8), torch.zeros(0, 5), (7, 7)).shape == (0, 2, 7, 7)


def test_the_maximum_is_refused_by_name():
    with pytest.raises(NotImplementedError, match="pool_mode='avg'"):
        align(torch.zeros(1, 1, 4, 4), torch.zeros(1, 5), (1, 1), pool_mode=0)


def test_mmcv_takes_it_for_its_operator():
    from mmcv.ops import RoIAlign
    features = torch.randn(1, 2, 10, 10, generator=torch.Generator().manual_seed(4)).requires_grad_()
    rois = torch.tensor([[0, 4., 4., 30., 36.]])
    found = RoIAlign(output_size=2, spatial_scale=0.25)(features, rois)
    expected = by_definition(features.detach(), rois, (2, 2), spatial_scale=0.25)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    found.sum().backward()
    torch.testing.assert_close(features.grad.sum(), torch.tensor(8.))  # two channels, four bins, weights of 1
