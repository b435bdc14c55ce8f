"""The torch fallback of mmcv's compiled operators against the definitions of NMS and soft-NMS, written out plainly."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.integrations import mmcv_ops

coordinate = st.integers(0, 12)
box = st.tuples(coordinate, coordinate, st.integers(0, 8), st.integers(0, 8))
people = st.lists(st.tuples(box, st.integers(0, 1000)), min_size=1, max_size=40)


def overlap(a: list[float], b: list[float], offset: int) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]) + offset)
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]) + offset)
    union = sum((c[2] - c[0] + offset) * (c[3] - c[1] + offset) for c in (a, b)) - width * height
    return width * height / union if union else 0.0


def plain_nms(boxes: torch.Tensor, scores: torch.Tensor, threshold: float, offset: int) -> list[int]:
    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: -float(scores[i])):
        if not any(overlap(boxes[i].tolist(), boxes[k].tolist(), offset) > threshold for k in kept):
            kept.append(i)
    return kept


def plain_softnms(boxes: torch.Tensor, scores: torch.Tensor, threshold: float, sigma: float, min_score: float,
                  method: int, offset: int) -> tuple[list[int], list[float]]:
    live = {i: float(scores[i]) for i in range(len(boxes))}
    kept, kept_scores = [], []
    while live:
        best = max(live, key=lambda i: live[i])
        kept.append(best)
        kept_scores.append(live.pop(best))
        for i in list(live):
            iou = overlap(boxes[i].tolist(), boxes[best].tolist(), offset)
            if method == 2:
                live[i] *= math.exp(-iou * iou / sigma)
            elif iou >= threshold:
                live[i] *= 1 - iou if method == 1 else 0
            if live[i] < min_score:
                del live[i]
    return kept, kept_scores


def tensors(found: list) -> tuple[torch.Tensor, torch.Tensor]:
    boxes = torch.tensor([[x, y, x + w, y + h] for (x, y, w, h), _ in found], dtype=torch.float32)
    distinct = torch.arange(len(found)) * 1e-5  # the order among equal scores is not part of the contract
    return boxes, torch.tensor([score / 1000 for _, score in found]) + distinct


def crowd(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    centre, size = rng.uniform(0, 1000, (count, 2)), rng.uniform(10, 200, (count, 2))
    boxes = np.concatenate([centre - size / 2, centre + size / 2], 1)
    return torch.from_numpy(boxes).float(), torch.from_numpy(rng.permutation(count) / count).float()


@given(people, st.sampled_from([0.13, 0.37, 0.71]), st.integers(0, 1))
def test_nms_keeps_what_the_definition_keeps(found, threshold, offset):
    boxes, scores = tensors(found)
    assert mmcv_ops.nms(boxes, scores, threshold, offset).tolist() == plain_nms(boxes, scores, threshold, offset)


def test_nms_agrees_with_the_definition_across_many_blocks():
    boxes, scores = crowd(700, seed=3)
    assert mmcv_ops.nms(boxes, scores, 0.3).tolist() == plain_nms(boxes, scores, 0.3, 0)


def test_nms_does_not_suppress_at_exactly_the_threshold():
    boxes = torch.tensor([[0., 0., 2., 1.], [0., 0., 1., 1.]])  # IoU 0.5
    assert mmcv_ops.nms(boxes, torch.tensor([0.9, 0.8]), 0.5).tolist() == [0, 1]
    assert mmcv_ops.nms(boxes, torch.tensor([0.9, 0.8]), 0.49).tolist() == [0]


def test_nms_settles_a_chain_in_which_each_box_overlaps_only_its_neighbours():
    left = torch.arange(600.)
    boxes = torch.stack([left, torch.zeros(600), left + 2, torch.ones(600)], 1)
    assert mmcv_ops.nms(boxes, -left, 0.2).tolist() == list(range(0, 600, 2))


@pytest.mark.parametrize('dtype', [torch.float16, torch.float32, torch.float64])
def test_nms_takes_every_float_type_and_no_boxes(dtype):
    boxes, scores = crowd(50, seed=1)
    assert len(mmcv_ops.nms(boxes.to(dtype), scores.to(dtype), 0.5)) > 0
    nothing = mmcv_ops.nms(boxes[:0].to(dtype), scores[:0].to(dtype), 0.5)
    assert nothing.shape == (0, ) and nothing.dtype == torch.int64


def test_nms_never_suppresses_by_a_box_that_is_not_a_number():
    boxes = torch.tensor([[math.nan, 0., 1., 1.], [0., 0., 1., 1.], [0., 0., 1., 1.]])
    assert mmcv_ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist() == [0, 1]


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
def test_nms_keeps_the_same_boxes_on_a_gpu():
    boxes, scores = crowd(3000, seed=5)
    assert torch.equal(mmcv_ops.nms(boxes.cuda(), scores.cuda(), 0.5).cpu(), mmcv_ops.nms(boxes, scores, 0.5))


@given(people, st.integers(0, 2), st.integers(0, 1))
def test_softnms_decays_as_the_definition_does(found, method, offset):
    boxes, scores = tensors(found)
    dets = torch.full((len(boxes), 5), -1.)
    given_scores = scores.clone()
    kept = mmcv_ops.softnms(boxes, scores, dets, 0.31, 0.5, 1e-3, method, offset)
    want, want_scores = plain_softnms(boxes.double(), scores.double(), 0.31, 0.5, 1e-3, method, offset)
    torch.testing.assert_close(dets[:len(want), 4], torch.tensor(want_scores), atol=1e-5, rtol=1e-4)
    assert sorted(kept.tolist()) == sorted(want)
    assert torch.equal(dets[:len(kept), :4], boxes[kept])
    assert torch.equal(scores, given_scores)


def test_softnms_refuses_an_unknown_method():
    boxes, scores = crowd(3, seed=0)
    with pytest.raises(ValueError, match='method must be 0'):
        mmcv_ops.softnms(boxes, scores, torch.empty(3, 5), 0.3, 0.5, 1e-3, 7, 0)


def test_mmcv_ops_work_on_top_of_the_fallback():
    import mmcv._ext
    if mmcv._ext.__spec__.origin != 'cliff_ext':
        pytest.skip('the compiled mmcv is installed')
    from mmcv.ops import batched_nms, roi_pool, soft_nms
    boxes, scores = crowd(60, seed=2)
    twice, both = torch.cat([boxes, boxes]), torch.cat([scores, scores])
    classes = torch.arange(120) // 60
    dets, kept = batched_nms(twice, both, classes, dict(type='nms', iou_threshold=0.4))
    assert len(kept) == 2 * len(mmcv_ops.nms(boxes, scores, 0.4))
    assert dets.shape == (len(kept), 5)
    dets, kept = soft_nms(boxes.numpy(), scores.numpy(), method='gaussian')
    assert dets.shape == (len(kept), 5)
    with pytest.raises(NotImplementedError, match='roi_pool.*compiled mmcv'):
        roi_pool(torch.zeros(1, 1, 4, 4), torch.zeros(1, 5), 2)
