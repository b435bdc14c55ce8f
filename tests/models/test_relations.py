import pytest
import torch

from cliff_ext.models import PartAttention
from cliff_ext.models.necks.relations import CellRelations


def relations(changing: bool = True) -> CellRelations:
    torch.manual_seed(0)
    module = CellRelations(8, (4, 6), 3, 5, layers=1).eval()
    if changing:
        torch.nn.init.eye_(module.change.weight)
    return module


def told() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(2, 8, 6, 4), torch.randn(2, 3, 6, 4), torch.randn(2, 5)


def test_it_starts_as_the_identity():
    maps, logits, context = told()
    assert torch.equal(relations(changing=False)(maps, logits, context), maps)


@pytest.mark.parametrize('which', ['features', 'guesses', 'context'])
def test_every_cell_hears_of_the_farthest(which: str):
    """What changes in the last cell of one person, or in its context, is heard of in its first, and not by the other."""
    maps, logits, context = told()
    module = relations()
    before = module(maps, logits, context)
    if which == 'features':
        maps[0, :, -1, -1] += 3.
    elif which == 'guesses':
        logits[0, 0, -1, -1] += 3.
    else:
        context[0] += 3.
    after = module(maps, logits, context)
    assert (after[0, :, 0, 0] - before[0, :, 0, 0]).abs().max() > 1e-3
    assert torch.equal(after[1], before[1])


def test_a_map_of_another_size_is_refused():
    maps, logits, context = told()
    with pytest.raises(ValueError, match='built for 24 cells, got 4 x 5'):
        relations()(maps[:, :, :5], logits[:, :, :5], context)


def test_channels_that_heads_cannot_share_are_refused():
    with pytest.raises(ValueError, match='6 channels cannot be shared among 4 heads'):
        PartAttention((4, 8), (4, 4), channels=6, relations=1)


def test_a_neck_with_new_relations_sees_as_before_and_can_learn():
    config = dict(in_channels=(4, 8, 12), map_size=(8, 16), channels=8, fine_channels=4, parts=3, part_channels=2)
    plain, neck = PartAttention(**config).eval(), PartAttention(**config, relations=2).eval()
    missing = neck.load_state_dict(plain.state_dict(), strict=False)
    assert missing.missing_keys and all(key.startswith('relations.') for key in missing.missing_keys)
    maps = [torch.randn(2, 4, 16, 8), torch.randn(2, 8, 8, 4), torch.randn(2, 12, 4, 2)]
    torch.testing.assert_close(neck(maps), plain(maps))
    neck.look(maps).fine_logits.square().sum().backward()
    assert neck.relations.change.weight.grad.abs().max() > 0


def test_left_and_right_that_look_the_same_are_told_apart():
    """Two like marks in a row, at any place: the left one is the first part, the right one the second."""
    torch.manual_seed(2)
    neck = PartAttention((4, 4, 4), (16, 16), channels=16, fine_channels=4, parts=2, part_channels=2, relations=2)
    optimizer = torch.optim.AdamW(neck.parameters(), 3e-3)

    def batch(count: int) -> tuple[list[torch.Tensor], torch.Tensor]:
        row, left = torch.randint(8, (count, )), torch.randint(4, (count, ))
        right = left + 1 + torch.randint(3, (count, ))
        maps, who = torch.zeros(count, 4, 8, 8), torch.arange(count)
        maps[who, 0, row, left] = maps[who, 0, row, right] = 5.
        return [maps.new_zeros(count, 4, 16, 16), maps, maps.new_zeros(count, 4, 4, 4)], torch.stack([left, right], 1)

    for _ in range(150):
        maps, columns = batch(64)
        across = neck.look(maps).logits.logsumexp(2)
        loss = torch.nn.functional.cross_entropy(across.flatten(0, 1), columns.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    maps, columns = batch(256)
    found = neck.eval().look(maps).logits.logsumexp(2).argmax(-1)
    assert (found == columns).float().mean() > 0.95
