import pytest
import torch
from torch import nn

from cliff_ext.models import CLIFF, PartAttention
from cliff_ext.registry import MODELS


def bare_neck() -> PartAttention:
    """One part, whose place is where the first of three channels is large; features pass through unchanged."""
    neck = PartAttention((2, 3), (8, 4), channels=3, parts=1, part_channels=3, blocks=0).eval()
    neck.lateral[0] = neck.merge = nn.Identity()
    nn.init.zeros_(neck.where.weight)
    neck.where.weight.data[0, 0] = 100.
    neck.what.weight.data = torch.eye(3)[..., None, None]
    nn.init.zeros_(neck.what.bias)
    return neck


def maps_of(coarse: torch.Tensor) -> list[torch.Tensor]:
    """A finest map that says nothing, and the coarse one."""
    return [torch.zeros(1, 2, *(2 * side for side in coarse.shape[2:])), coarse]


def test_a_part_is_found_at_its_cell_with_its_features():
    maps = torch.zeros(1, 3, 2, 4)
    maps[0, :, 1, 2] = torch.tensor([1., -2., 5.])
    parts = bare_neck().look(maps_of(maps))
    assert torch.allclose(parts.place[0, 0], torch.tensor([2.5 / 4, 1.5 / 2]))
    assert torch.allclose(parts.vectors[0, 0], torch.tensor([1., -2., 5.]))
    assert parts.logits.shape == (1, 1, 2, 4) and parts.fine_logits.shape == (1, 1, 4, 8)


def test_the_finest_map_sharpens_a_place():
    neck, coarse = bare_neck(), torch.zeros(1, 3, 2, 4)
    coarse[0, 0, 1, 2] = 1.
    maps = maps_of(coarse)
    maps[0][0, 0, 3, 4] = 1.
    neck.fine_lateral = neck.fine_top = neck.fine_merge = nn.Identity()
    neck.fine_top, neck.fine_where = nn.Conv2d(3, 2, 1), nn.Conv2d(2, 1, 1)
    for conv in (neck.fine_top, neck.fine_where):
        nn.init.zeros_(conv.weight)
        nn.init.zeros_(conv.bias)
    neck.fine_where.weight.data[0, 0] = 100.
    assert torch.allclose(neck.look(maps).place[0, 0], torch.tensor([4.5 / 8, 3.5 / 4]))


def test_between_two_equal_cells_lies_their_middle():
    maps = torch.zeros(1, 3, 2, 4)
    maps[0, 0, :, 1:3] = 1.
    assert torch.allclose(bare_neck().look(maps_of(maps)).place[0, 0], torch.tensor([0.5, 0.5]))


def test_probabilities_of_places_are_kept_where_there_are_two():
    maps = torch.zeros(1, 3, 2, 4)
    maps[0, 0, :, [0, 3]] = 1.
    parts = bare_neck().look(maps_of(maps))
    assert torch.allclose(parts.spread[0, 0], torch.tensor([0.5, 0.5]))
    assert torch.allclose(parts.place[0, 0], torch.tensor([0.5, 0.5]))


def test_the_vector_holds_places_features_context_and_probabilities():
    neck = PartAttention((4, 8, 12, 16), (24, 32), channels=6, fine_channels=3, parts=5, part_channels=4).eval()
    maps = [torch.randn(2, 4, 32, 24), torch.randn(2, 8, 16, 12), torch.randn(2, 12, 8, 6), torch.randn(2, 16, 4, 3)]
    vector = neck(maps)
    assert vector.shape == (2, neck.out_channels) == (2, 5 * (4 + 2 + 48) + 16)
    place = (vector[:, :10] + 2) / 4
    assert ((place > 0) & (place < 1)).all()
    assert torch.allclose(vector[:, 30:46], maps[-1].mean((2, 3)))
    assert torch.allclose(vector[:, 46:].sum(1) / 4, torch.full((2, ), 5.))


def test_a_wrong_number_of_maps_is_an_error():
    with pytest.raises(ValueError, match='2 feature maps, got 1'):
        PartAttention((8, 12), (4, 4))([torch.randn(1, 8, 4, 4)])


def test_the_small_config_builds_and_runs(repo_root):
    from mmengine.config import Config
    cfg = Config.fromfile(str(repo_root / 'configs/cliff/cliff_res18-parts_128x96_synthetic.py'))
    model = MODELS.build(cfg.model).eval()
    assert isinstance(model, CLIFF)
    with torch.no_grad():
        feature = model.extract_feat(torch.zeros(1, 3, 128, 96))
    assert feature.shape == (1, 3120 + 24 * 32 * 24) and model.neck.out_channels == model.head.in_channels == 3120
    assert torch.allclose(feature[:, 3120:].view(24, -1).sum(1), torch.ones(24), atol=1e-4)


def test_maps_follow_the_vector_where_a_head_wants_them():
    torch.manual_seed(0)
    config = dict(in_channels=(4, 8), map_size=(4, 8), channels=8, fine_channels=4, parts=3, part_channels=2, blocks=0)
    plain, neck = PartAttention(**config).eval(), PartAttention(**config, with_maps=True).eval()
    neck.load_state_dict(plain.state_dict())
    maps = [torch.randn(2, 4, 8, 4), torch.randn(2, 8, 4, 2)]
    vector, more = plain(maps), neck(maps)
    assert vector.shape[1] == plain.out_channels == neck.out_channels
    assert torch.equal(more[:, :plain.out_channels], vector)
    found = more[:, plain.out_channels:].view(2, 3, 8, 4)
    assert torch.allclose(found, neck.look(maps).fine_logits.flatten(2).softmax(-1).view(2, 3, 8, 4))
