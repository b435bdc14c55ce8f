import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.models import MotionLoss

TIME = torch.arange(6.)[:, None]


def test_terms_of_known_motions():
    still = torch.zeros(1, 6, 1)
    terms = MotionLoss(2., 3.)(still + TIME**2, still)
    assert terms['position'] == pytest.approx(2 * 55 / 6) and terms['acceleration'] == pytest.approx(3 * 2)


@given(offset=st.floats(-5, 5), speed=st.floats(-5, 5))
def test_a_shift_at_constant_speed_costs_no_acceleration(offset, speed):
    target = torch.sin(TIME)[None]
    terms = MotionLoss()(target + offset + speed * TIME, target)
    assert terms['acceleration'] < 1e-5
    assert terms['position'] == pytest.approx(float((offset + speed * TIME).abs().mean()), abs=1e-5)


def test_time_is_the_last_dimension_but_one_with_views_too():
    target = torch.randn(2, 3, 6, 4, generator=torch.Generator().manual_seed(0))
    pred = target + torch.tensor([0., 1., 5.])[:, None, None]
    assert MotionLoss()(pred, target)['acceleration'] < 1e-6


def test_two_frames_have_no_acceleration():
    with pytest.raises(ValueError, match='at least 3 frames, got 2'):
        MotionLoss()(torch.zeros(1, 2, 3), torch.zeros(1, 2, 3))
