"""The depth's correction starts at the box's word, and the root lies where the neck has found it."""

import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData

from cliff_ext.models import PartRootHead
from cliff_ext.registry import MODELS
from cliff_ext.structures import AbsolutePoseSample

CAMERA = dict(bbox=[100., 50., 220., 210.], focal_length=[600., 600.], principal_point=[160., 120.])


@pytest.fixture
def rootnet():
    import mmdet.models  # noqa: F401
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return MODELS.build(dict(
            type='RootNet', backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, num_stages=3, strides=(1, 2, 2),
                                          dilations=(1, 1, 1), out_indices=(0, 1, 2)),
            neck=dict(type='PartAttention', in_channels=(8, 16, 32), map_size=(12, 16), channels=16, fine_channels=8,
                      part_channels=4, relations=1),
            head=dict(type='PartRootHead', in_channels=464, map_size=(12, 16), hidden=8),
            loss=dict(type='DepthAwareL1Loss')))


def test_a_new_network_takes_the_box_at_its_word_and_the_pelvis_where_the_neck_found_it(rootnet):
    inputs = torch.randn(2, 3, 64, 48)
    rootnet.eval()
    samples = rootnet.predict(inputs, [AbsolutePoseSample(metainfo=CAMERA) for _ in range(2)])
    places = rootnet.neck.look(rootnet.backbone(inputs)).place[:, 0]
    for sample, place in zip(samples, places, strict=True):
        found = sample.pred_instances
        torch.testing.assert_close(found.root2d[0], torch.tensor([100., 50.]) + place * torch.tensor([120., 160.]))
        assert float(found.gamma[0]) == 1
        assert float(found.root3d[0, 2]) == pytest.approx(2 * (600 * 600 / (120 * 160))**0.5, rel=1e-6)


def test_depths_are_learned_and_places_with_them(rootnet):
    inputs = torch.randn(2, 3, 64, 48, generator=torch.Generator().manual_seed(1))
    samples = []
    for depth in (5., 9.):
        sample = AbsolutePoseSample(metainfo=CAMERA)
        sample.gt_instances = InstanceData(root_patch=torch.tensor([[0.5, 0.5, depth]]), root_visible=torch.tensor([True]),
                                           has_depth=torch.tensor([True]))
        samples.append(sample)
    optimizer = torch.optim.Adam(rootnet.parameters(), 3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        rootnet.loss(inputs, samples)['loss_coords'].backward()
        optimizer.step()
    near, far = (float(depth) for depth in rootnet.depth(rootnet.see(inputs), samples))
    assert near < 6.5 < 7.5 < far


def test_it_computes_in_float32_under_autocast():
    head, vector = PartRootHead(20, (12, 16), hidden=8).eval(), torch.randn(3, 20)
    torch.nn.init.normal_(head.depth_layer.weight)
    plain = head(vector)
    with torch.autocast('cpu', torch.bfloat16):
        mixed = head(vector)
    assert torch.equal(plain.gamma, mixed.gamma) and torch.equal(plain.xy, mixed.xy) and plain.xy.dtype == torch.float32
