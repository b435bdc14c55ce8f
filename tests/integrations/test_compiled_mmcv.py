"""Beside the compiled mmcv: its operators are used, and the torch fallback gives what they give."""

import pytest
import torch

from cliff_ext.integrations import mmcv_ops

ext = pytest.importorskip('mmcv._ext', reason='mmcv is not installed')
pytestmark = pytest.mark.skipif(ext.__spec__.origin == 'cliff_ext', reason='mmcv has no compiled operators here')


def crowd(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    centre, size = 500 * torch.rand(count, 2, generator=generator), 10 + 100 * torch.rand(count, 2, generator=generator)
    return torch.cat([centre - size / 2, centre + size / 2], 1), torch.rand(count, generator=generator)


def test_mmcv_uses_the_compiled_operators():
    from mmcv.ops import nms, roi_align
    from mmcv.ops.info import get_compiler_version
    assert ext.nms is not mmcv_ops.nms and get_compiler_version() != mmcv_ops.NOT_COMPILED
    assert roi_align(torch.ones(1, 1, 4, 4), torch.tensor([[0., 0, 0, 4, 4]]), 2).shape == (1, 1, 2, 2)
    boxes, scores = crowd(50)
    assert len(nms(boxes, scores, 0.5)[0]) > 0


@pytest.mark.parametrize('offset', [0, 1])
@pytest.mark.parametrize('threshold', [0.1, 0.5, 0.9])
def test_nms_is_the_compiled_ones(threshold, offset):
    for seed in range(5):
        boxes, scores = crowd(400, seed)
        wanted = ext.nms(boxes, scores, iou_threshold=threshold, offset=offset)
        assert mmcv_ops.nms(boxes, scores, threshold, offset).tolist() == wanted.tolist()


@pytest.mark.parametrize('method', [0, 1, 2])
def test_soft_nms_is_the_compiled_ones(method):
    boxes, scores = crowd(200)
    options = dict(iou_threshold=0.3, sigma=0.5, min_score=1e-3, method=method, offset=0)
    found, wanted = torch.zeros(200, 5), torch.zeros(200, 5)
    kept = ext.softnms(boxes, scores, wanted, **options)
    assert mmcv_ops.softnms(boxes, scores, found, **options).tolist() == kept.tolist()
    torch.testing.assert_close(found[:len(kept)], wanted[:len(kept)], atol=1e-5, rtol=1e-4)
