import dataclasses

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from cliff_ext.models import PartLoss
from cliff_ext.models.losses.part_loss import HEADINGS, cell_loss, heading_sector
from tests.models.losses.rendered_people import frame_of, rendered, right_parts


@pytest.fixture(scope='module')
def loss():
    torch.manual_seed(0)
    return PartLoss(part_channels=4, vector_channels=8, weight=1.)


def test_heading_sectors_go_around_once():
    turns = Rotation.from_euler('y', np.arange(HEADINGS)[:, None] * 360 / HEADINGS + 1, degrees=True).as_matrix()
    assert sorted(heading_sector(torch.from_numpy(turns)).tolist()) == list(range(HEADINGS))


def test_cells_reward_the_right_place_and_skip_what_is_outside():
    logits = torch.zeros(1, 2, 4, 3)
    logits[0, 0, 2, 1] = 30.
    right = torch.tensor([[[1.5 / 3, 2.5 / 4], [2., 2.]]])
    wrong = torch.tensor([[[0.5 / 3, 0.5 / 4], [2., 2.]]])
    inside = torch.tensor([[True, False]])
    assert float(cell_loss(logits, right, inside)) == pytest.approx(0, abs=1e-4)
    assert float(cell_loss(logits, wrong, inside)) == pytest.approx(30, abs=1e-3)
    assert float(cell_loss(logits, wrong, ~inside[:, [0, 0]])) == 0


def test_it_is_easy_for_who_knows_the_places(loss):
    people = rendered(2)
    vector = torch.zeros(2, 8)
    knows, guesses = (loss(right_parts(people, certainty), vector, frame_of(people), people) for certainty in (1., 0.))
    assert float((guesses['loss_part_cell'] - knows['loss_part_cell']).detach()) > 0.7 * (np.log(12 * 16) + np.log(24 * 32))
    assert float(knows['loss_part_place']) < 0.05 < 0.4 < float(guesses['loss_part_place'])
    assert float(guesses['loss_part_depth']) == pytest.approx(float(knows['loss_part_depth'])), 'the same features'


def test_features_at_parts_tell_depth_and_heading(loss):
    people = rendered(2)
    blind = right_parts(people, 1.)
    vectors = torch.randn(2, 24, 4, generator=torch.Generator().manual_seed(1))
    seeing = dataclasses.replace(blind, vectors=vectors.requires_grad_())
    terms = loss(seeing, torch.zeros(2, 8), frame_of(people), people)
    loss.zero_grad()
    (terms['loss_part_depth'] + terms['loss_part_facing'] + terms['loss_part_heading']).backward()
    assert all(p.grad.abs().sum() > 0 for p in (loss.depth, loss.facing, loss.heading.bias))
    assert float(terms['loss_part_heading'].detach()) == pytest.approx(np.log(HEADINGS), abs=0.4), 'an untrained guess'


def test_joints_outside_the_crop_do_not_count(loss):
    people = rendered(1)
    frame = frame_of(people)
    frame.center = frame.center + 1e4
    terms = loss(right_parts(people, 1.), torch.zeros(1, 8), frame, people)
    outside = ('loss_part_cell', 'loss_part_place', 'loss_part_facing', 'loss_part_depth')
    assert all(float(terms[name].detach()) == 0 for name in outside)


def test_places_are_those_of_float32_under_autocast(loss):
    people = rendered(2)
    ours = right_parts(people, 1.), torch.zeros(2, 8), frame_of(people), people
    plain = loss(*ours)
    with torch.autocast('cpu', torch.bfloat16):
        mixed = loss(*ours)
    assert all(float(mixed[name]) == float(plain[name]) for name in ('loss_part_cell', 'loss_part_place', 'loss_part_depth'))


def test_the_weight_is_a_factor_of_all_and_layers_are_all_that_is_saved(loss):
    people = rendered(1)
    ours = right_parts(people, 1.), torch.zeros(1, 8), frame_of(people), people
    whole = loss(*ours)
    loss.weight = 0.5
    try:
        assert all(float(term) == pytest.approx(float(whole[name]) / 2) for name, term in loss(*ours).items())
    finally:
        loss.weight = 1.
    assert set(loss.state_dict()) == {'facing', 'facing_bias', 'depth', 'heading.weight', 'heading.bias'}
