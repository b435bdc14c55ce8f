"""Masks beside the root, of small networks."""

import pytest
import torch
from mmengine.registry import DefaultScope

from cliff_ext.registry import MODELS
from cliff_ext.structures import AbsolutePoseSample

CAMERA = dict(bbox=[100., 50., 220., 210.], focal_length=[600., 600.], principal_point=[160., 120.])
NECK = dict(type='PartAttention', in_channels=(8, 16, 32), map_size=(12, 16), channels=16, fine_channels=8, part_channels=4)


def build(**options: object) -> torch.nn.Module:
    """A small RootNet with a mask head and random numbers everywhere."""
    import mmdet.models  # noqa: F401
    torch.manual_seed(0)
    parts = dict(neck=NECK, head=dict(type='PartRootHead', in_channels=464, map_size=(12, 16), hidden=8),
                 mask_head=dict(type='AmodalMaskHead', fine_channels=8, channels=16, hidden=8)) | options
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        model = MODELS.build(dict(
            type='RootNet', backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, num_stages=3, strides=(1, 2, 2),
                                          dilations=(1, 1, 1), out_indices=(0, 1, 2)), **parts))
    torch.nn.init.normal_(model.head.depth_layer.weight)
    return model.eval()


def predicted(model: torch.nn.Module, inputs: torch.Tensor) -> list:
    return [sample.pred_instances for sample in model.predict(inputs, [AbsolutePoseSample(metainfo=CAMERA) for _ in inputs])]


def test_predictions_hold_what_the_head_sees():
    model, inputs = build(), torch.randn(2, 3, 64, 48)
    logits = model.mask_head(model.neck.look(model.backbone(inputs)))
    assert logits.shape == (2, 2, 16, 12)
    for person, mask in zip(predicted(model, inputs), logits.sigmoid(), strict=True):
        torch.testing.assert_close(person.masks, mask[None])


def test_the_mask_head_changes_nothing_else():
    model, inputs = build(), torch.randn(2, 3, 64, 48)
    plain = build(mask_head=None)
    plain.load_state_dict({name: value for name, value in model.state_dict().items() if 'mask_head' not in name})
    for one, other in zip(predicted(model, inputs), predicted(plain, inputs), strict=True):
        assert 'masks' not in other
        torch.testing.assert_close(one.root3d, other.root3d)


def test_with_flip_test_a_mirrored_picture_has_the_mirrored_masks():
    model, inputs = build(flip_test=True), torch.randn(2, 3, 64, 48)
    for one, other in zip(predicted(model, inputs), predicted(model, inputs.flip(-1)), strict=True):
        torch.testing.assert_close(one.masks, other.masks.flip(-1))
        torch.testing.assert_close(one.gamma, other.gamma)


def test_it_gives_float32_under_autocast_and_learns():
    model, inputs = build().train(), torch.randn(2, 3, 64, 48)
    target = (torch.rand(2, 2, 16, 12, generator=torch.Generator().manual_seed(2)) > 0.5).float()
    optimizer, loss = torch.optim.Adam(model.parameters(), 1e-2), torch.nn.functional.binary_cross_entropy_with_logits
    costs = []
    for _ in range(40):
        with torch.autocast('cpu', torch.bfloat16):
            masks = model.mask_head(model.neck.look(model.backbone(inputs)))
        assert masks.dtype == torch.float32
        costs.append(loss(masks, target))
        optimizer.zero_grad()
        costs[-1].backward()
        optimizer.step()
    assert float(costs[-1]) < 0.8 * float(costs[0])


def test_another_neck_and_training_without_masks_are_refused():
    with pytest.raises(ValueError, match='mask_head needs a neck that sees parts.*Identity'):
        build(neck=None, head=dict(type='RootNetHead', in_channels=32, deconv_channels=(8, 8)))
    with pytest.raises(ValueError, match='no masks to train.*train_rootnet'):
        build().loss(torch.randn(1, 3, 64, 48), [])
