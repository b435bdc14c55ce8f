"""The neck that merges feature maps into one."""

import pytest
import torch
from torch import nn

from cliff_ext.models import PartAttention, TopDown


def test_the_finest_map_sees_what_the_coarsest_saw():
    neck = TopDown((2, 3), channels=4).eval()
    fine, coarse = torch.zeros(1, 2, 8, 8), torch.zeros(1, 3, 4, 4)
    rest, = neck([fine, coarse])
    assert rest.shape == (1, 4, 8, 8)
    coarse[..., 3, 3] = 1.
    changed = (neck([fine, coarse])[0] - rest).abs().sum(1)[0] > 0
    assert changed[6:, 6:].all() and not changed[:3, :3].any()


def test_maps_are_added_from_the_coarsest_on():
    neck = TopDown((1, 1), channels=1, blocks=0)
    neck.lateral = nn.ModuleList([nn.Identity(), nn.Identity()])
    neck.merge = nn.Identity()
    fine, coarse = torch.arange(16.).view(1, 1, 4, 4), torch.tensor([[[[0., 100.], [200., 300.]]]])
    assert neck([fine, coarse])[0][0, 0].tolist() == [
        [0, 1, 102, 103], [4, 5, 106, 107], [208, 209, 310, 311], [212, 213, 314, 315]]


def test_it_starts_from_a_part_attentions_weights():
    torch.manual_seed(0)
    parts, neck = PartAttention((2, 3, 4), (8, 8), channels=5).eval(), TopDown((3, 4), channels=5).eval()
    left = neck.load_state_dict(parts.state_dict(), strict=False)
    assert not left.missing_keys and 'where.weight' in left.unexpected_keys
    maps = [torch.rand(1, 3, 4, 4), torch.rand(1, 4, 2, 2)]
    assert torch.equal(neck(maps)[0], parts.merged(maps))


def test_another_number_of_maps_is_refused():
    with pytest.raises(ValueError, match='built for 2 feature maps, got 1'):
        TopDown((2, 3))([torch.zeros(1, 2, 4, 4)])
