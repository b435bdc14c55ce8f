"""The ablation's people at the border, its measure of leaning, and what its three trainings differ in."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from cliff_ext.geometry import rotvec_to_rotmat
from cliff_ext.structures import FullFrame


@pytest.fixture
def ablation(repo_root, monkeypatch):
    monkeypatch.chdir(repo_root)
    monkeypatch.syspath_prepend(str(repo_root / 'projects' / 'synthetic_humans'))
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        yield importlib.import_module('ablate_full_frame')


@pytest.fixture
def seen(ablation):
    """Three people: in the middle, at the right, at the bottom."""
    place = FullFrame(torch.tensor([[320., 240.], [600., 240.], [320., 450.]]), torch.ones(3),
                      torch.tensor([[640., 480.]] * 3), torch.full((3, ), 800.))
    return ablation.Seen(np.zeros((3, 4), np.float16), place, np.array([None] * 3))


def test_who_is_at_the_border_and_how_far(seen):
    assert seen.border.tolist() == [False, True, True]
    wanted = [0, math.degrees(math.atan(280 / 800)), math.degrees(math.atan(210 / 800))]
    np.testing.assert_allclose(seen.angle, wanted, atol=1e-4)


def test_an_orientation_of_the_crop_leans_back_by_the_rays_angle(ablation, seen):
    rows = np.array([1, 2])
    axis, angle = seen.turn(rows), torch.from_numpy(seen.angle[rows])
    turn = rotvec_to_rotmat(axis * angle.deg2rad()[:, None])
    ray = torch.tensor([[280., 0, 800], [0, 210, 800]])
    torch.testing.assert_close(turn[:, :, 2], ray / ray.norm(dim=1, keepdim=True))
    truth = rotvec_to_rotmat(torch.from_numpy(np.random.default_rng(0).normal(size=(2, 3))).float())
    torch.testing.assert_close(ablation.lean(turn.transpose(1, 2) @ truth, truth, axis), -angle, atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(ablation.lean(truth, truth, axis), torch.zeros(2), atol=0.1, rtol=0)


def test_the_trainings_differ_in_the_loss_and_in_what_the_head_is_told(ablation, seen):
    outputs = []
    for ending in ablation.VARIANTS.values():
        torch.manual_seed(0)
        model = ablation.build(ending).eval()
        outputs.append(model.estimate(torch.ones(3, 3120), seen.frame(np.arange(3))).pose6d)
        assert model.loss_module.full_frame is (ending == '')
    assert (outputs[0][0] == outputs[0][1]).all()
    assert (outputs[1][0] != outputs[1][1]).any() and (outputs[1] == outputs[2]).all()
