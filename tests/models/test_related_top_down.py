"""The neck that merges feature maps into one, whose cells see each other."""

import pytest
import torch

from cliff_ext.models import PartAttention, RelatedTopDown, TopDown

MAPS = (torch.randn(2, 8, 8, 4), torch.randn(2, 12, 4, 2))


def test_it_starts_from_a_part_attentions_weights_and_sees_the_same():
    torch.manual_seed(0)
    parts = PartAttention((4, 8, 12), (8, 16), channels=8, fine_channels=4, parts=3, part_channels=2, relations=2).eval()
    torch.nn.init.eye_(parts.relations.change.weight)
    neck = RelatedTopDown((8, 12), (4, 8), channels=8, parts=3, relations=2).eval()
    left = neck.load_state_dict(parts.state_dict(), strict=False)
    assert not left.missing_keys and 'what.weight' in left.unexpected_keys
    merged, = neck(MAPS)
    assert torch.equal(merged, parts.look([torch.randn(2, 4, 16, 8), *MAPS]).merged)
    assert (merged - neck.merged(MAPS)).abs().max() > 0.1


def test_every_cell_hears_of_the_farthest():
    neck = RelatedTopDown((8, 12), (4, 8), channels=8, relations=1).eval()
    torch.nn.init.eye_(neck.relations.change.weight)
    changed = MAPS[0].clone()
    changed[0, :, -1, -1] += 3.
    difference = (neck((changed, MAPS[1]))[0] - neck(MAPS)[0]).abs()
    assert difference[0, :, 0, 0].max() > 1e-4 and difference[1].max() == 0


def test_without_relations_it_is_a_top_down():
    neck, plain = RelatedTopDown((8, 12), (4, 8), channels=8, relations=0).eval(), TopDown((8, 12), channels=8).eval()
    plain.load_state_dict({key: value for key, value in neck.state_dict().items() if not key.startswith('where.')})
    assert torch.equal(neck(MAPS)[0], plain(MAPS)[0])


def test_maps_of_another_size_are_refused():
    with pytest.raises(ValueError, match='built for 32 cells, got 4 x 6'):
        RelatedTopDown((8, 12), (4, 8), channels=8)([maps[:, :, :-2 if maps.shape[1] == 8 else -1] for maps in MAPS])
