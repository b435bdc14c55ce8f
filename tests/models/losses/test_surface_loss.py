import dataclasses

import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from torch.nn.functional import one_hot

from cliff_ext.body_models import SMPL
from cliff_ext.models import SurfaceLoss
from tests.models.losses.rendered_people import frame_of, rendered, right_parts


@pytest.fixture(scope='module')
def loss():
    return SurfaceLoss((28, 28))


@pytest.fixture(scope='module')
def hand() -> int:
    """1 + the vertex farthest to the left of the body."""
    return 1 + int(SMPL().body.v_template[:, 0].argmax())


@pytest.fixture
def people(hand):
    """Two samples that show a hand, the second in a mirrored picture."""
    found = rendered(2)
    for sample, mirrored in zip(found, (False, True), strict=True):
        vertex = torch.zeros(1, 64, 48, dtype=torch.int16)
        vertex[:, 20:32, 12:20] = hand
        sample.gt_surface = PixelData(vertex=vertex, metainfo=dict(mirrored=mirrored))
    return found


def test_left_is_right_in_a_mirrored_picture(loss, hand):
    assert loss.part[:, hand].tolist() == [1 + 22, 1 + 23]
    x = loss.rest[:, hand, 0].tolist()
    assert x[0] == pytest.approx(-x[1]) == pytest.approx(0.85, abs=0.15)
    assert loss.part[:, 0].tolist() == [0, 0] and loss.rest[:, 0].abs().sum() == 0


def test_it_is_easy_for_who_knows_the_body(loss, people):
    for read in loss.read:
        torch.nn.init.zeros_(read.bias)
        read.weight.data = torch.eye(28).repeat_interleave(4, 0)[..., None, None]  # each cell's answer is its features

    def terms(known: bool) -> dict[str, float]:
        maps = []
        for size in ((16, 12), (32, 24)):
            answer, step = torch.zeros(2, 28, *size), 64 // size[0]
            for i, sample in enumerate(people):
                seen, side = sample.gt_surface.vertex[0, ::step, ::step].long(), int(sample.gt_surface.mirrored)
                answer[i, :25] = 30. * known * one_hot(loss.part[side, seen], 25).permute(2, 0, 1)
                answer[i, 25:] = known * loss.rest[side, seen].permute(2, 0, 1)
            maps.append(answer)
        parts = dataclasses.replace(right_parts(people, 1.), merged=maps[0], fine=maps[1])
        found = loss(parts, torch.zeros(2, 8), frame_of(people), people)
        return {name: float(term.detach()) for name, term in found.items()}

    right, blank = terms(known=True), terms(known=False)
    assert right == pytest.approx(dict(loss_surface_part=0, loss_surface_place=0), abs=1e-3)
    assert blank['loss_surface_part'] == pytest.approx(2 * np.log(25), rel=1e-4) and blank['loss_surface_place'] > 5


def test_nobody_to_see_costs_no_place(loss, people):
    for sample in people:
        sample.gt_surface.vertex.zero_()
    terms = loss(right_parts(people, 1.), torch.zeros(2, 8), frame_of(people), people)
    assert float(terms['loss_surface_place'].detach()) == 0 and torch.isfinite(terms['loss_surface_part'])


def test_samples_without_a_surface_are_named(loss, people):
    del people[1].gt_surface
    with pytest.raises(ValueError, match=r'data sample 1 \(picture/1\) has no gt_surface: put LoadSurface'):
        loss(right_parts(people, 1.), torch.zeros(2, 8), frame_of(people), people)
