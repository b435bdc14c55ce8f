"""Who hides whom, on rectangles."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.geometry import occlusion_cue

CELLS = (320, 240)


def rectangle(left: float, top: float, right: float, bottom: float, box: tuple[float, float, float, float]) -> torch.Tensor:
    """1 in the cells (320, 240) of a patch whose middles lie within a rectangle of the image."""
    y = box[1] + (torch.arange(CELLS[0]) + 0.5) / CELLS[0] * (box[3] - box[1])
    x = box[0] + (torch.arange(CELLS[1]) + 0.5) / CELLS[1] * (box[2] - box[0])
    return (((y > top) & (y < bottom))[:, None] & ((x > left) & (x < right))).float()


def two(shift: float = 0., size: float = 1.) -> tuple[torch.Tensor, torch.Tensor]:
    """A person from x 10 to 40, before another one from 25 to 60, who reaches lower."""
    boxes = [(0., 0., 60., 80.), (20., 20., 80., 100.)]
    front = rectangle(10, 10, 40, 70, boxes[0])
    behind = rectangle(25, 30, 60, 90, boxes[1])
    seen = behind * (1 - rectangle(10, 10, 40, 70, boxes[1]))
    return torch.stack([torch.stack([front, front]), torch.stack([seen, behind])]), torch.tensor(boxes) * size + shift


@given(shift=st.floats(-500, 500), size=st.floats(0.2, 10))
def test_the_one_seen_where_the_others_body_is_stands_before_it(shift, size):
    cue = occlusion_cue(*two(shift, size))
    assert float(cue[0, 1]) > 0.3
    torch.testing.assert_close(cue, -cue.T)


def test_the_order_of_the_people_does_not_matter():
    masks, boxes = two()
    torch.testing.assert_close(occlusion_cue(masks.flip(0), boxes.flip(0)), occlusion_cue(masks, boxes).flip(0, 1))


def test_it_is_as_large_as_the_share_that_is_hidden():
    """15 x 40 pixels of the front one's 30 x 60, the smaller body, are on the other's."""
    assert float(occlusion_cue(*two())[0, 1]) == pytest.approx(600 / 1800, abs=0.015)


def test_one_wholly_behind_another_is_hidden_as_much_as_can_be():
    boxes = [(0., 0., 60., 80.), (10., 10., 50., 70.)]
    front, behind = rectangle(5, 5, 55, 75, boxes[0]), rectangle(20, 20, 40, 60, boxes[1])
    masks = torch.stack([torch.stack([front, front]), torch.stack([torch.zeros_like(behind), behind])])
    assert float(occlusion_cue(masks, torch.tensor(boxes))[0, 1]) == pytest.approx(1, abs=0.05)


def test_who_is_hidden_by_a_thing_or_by_nobody_tells_nothing():
    masks, boxes = two()
    masks[0, 0] *= 1 - rectangle(25, 30, 40, 70, tuple(boxes[0].tolist()))  # a thing before both
    assert occlusion_cue(masks, boxes).abs().max() < 0.02
    apart = boxes + torch.tensor([[0.], [100.]])
    assert (occlusion_cue(masks, apart) == 0).all()


@pytest.mark.parametrize('count', [0, 1])
def test_nobody_and_one_alone(count):
    masks, boxes = two()
    assert occlusion_cue(masks[:count], boxes[:count]).tolist() == [[0.]] * count


def test_masks_of_nothing_are_no_cue():
    masks, boxes = two()
    assert (occlusion_cue(torch.zeros_like(masks), boxes) == 0).all()
