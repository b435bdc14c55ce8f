import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.models.heads.map_reading import pull, sharpest


def gaussian(x: float, y: float, share: float = 1., sigma: float = 1., size: tuple[int, int] = (24, 32)) -> torch.Tensor:
    """A map (1, 1, h, w) with a Gaussian about x and y, in cells."""
    columns, rows = torch.arange(size[0]) + 0.5, torch.arange(size[1]) + 0.5
    cells = torch.exp(-((columns - x)**2 + (rows[:, None] - y)**2) / (2 * sigma**2))
    return share * (cells / cells.sum())[None, None]


@given(st.floats(4, 20), st.floats(4, 28))
def test_a_single_peak_is_found_between_its_cells(x, y):
    places, mass = sharpest(gaussian(x, y))
    assert places[0, 0].tolist() == pytest.approx([x / 24, y / 32], abs=0.01)
    assert 0.9 < mass.item() <= 1.0001


def test_of_two_places_the_likelier_is_meant_and_not_their_middle():
    places, mass = sharpest(gaussian(4.5, 8.5, 0.6) + gaussian(20.5, 8.5, 0.4))
    assert places[0, 0].tolist() == pytest.approx([4.5 / 24, 8.5 / 32], abs=1e-3)
    assert mass.item() == pytest.approx(0.6, abs=0.02)


def test_a_peak_in_the_corner_keeps_its_share():
    maps = torch.zeros(1, 1, 32, 24)
    maps[0, 0, 0, 23] = 1.
    places, mass = sharpest(maps)
    assert places[0, 0].tolist() == pytest.approx([23.5 / 24, 0.5 / 32]) and mass.item() == 1


def test_a_joint_is_sent_to_the_nearer_of_two_places():
    maps = gaussian(4.5, 8.5, 0.6) + gaussian(20.5, 8.5, 0.4)
    way, sure = pull(maps, torch.tensor([[[19. / 24, 9.5 / 32]]]))
    assert way[0, 0, 0] > 0.01 and way[0, 0, 1] < -0.005 and sure.item() > 0.8
    way, sure = pull(maps, torch.tensor([[[20.5 / 24, 8.5 / 32]]]))
    assert way.abs().max() < 0.002 and sure.item() > 0.9


def test_far_from_everything_a_map_says_nothing():
    way, sure = pull(gaussian(4.5, 8.5), torch.tensor([[[30., -20.]]]))
    assert way.abs().max() < 1e-6 and sure.item() < 1e-6
    assert torch.isfinite(way).all()


def test_repeated_mean_shift_climbs_to_the_peak():
    place = torch.tensor([[[0.5, 0.5]]])
    maps = gaussian(10., 19.)
    for _ in range(20):
        place = place + pull(maps, place)[0]
    assert place[0, 0].tolist() == pytest.approx([10 / 24, 19 / 32], abs=2e-3)
