"""PoseNet and RootNet: small networks, whole predictions."""

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData

from cliff_ext.models import (
    KeyMismatchError,
    PoseNetHeadOutput,
    RootNetHeadOutput,
    convert_official,
    convert_rootnet_state_dict,
)
from cliff_ext.registry import MODELS
from cliff_ext.structures import AbsolutePoseSample, get_skeleton

BACKBONE = dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, ))
SMALL = dict(in_channels=64, deconv_channels=(8, 8))


def build(**config) -> torch.nn.Module:
    import mmdet.models  # noqa: F401  (registers the backbones)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        return MODELS.build(dict(backbone=BACKBONE, loss=dict(type='DepthAwareL1Loss'), **config)).eval()


@pytest.fixture(scope='module')
def posenet():
    return build(type='PoseNet', skeleton='h36m18', head=dict(type='PoseNetHead', num_joints=18, depth_bins=8, **SMALL))


@pytest.fixture(scope='module')
def rootnet():
    return build(type='RootNet', head=dict(type='RootNetHead', **SMALL))


def samples(count: int = 2, joints: int = 18, **meta) -> list[AbsolutePoseSample]:
    made = []
    for i in range(count):
        place = dict(bbox=np.array([100. + 50 * i, 40, 300 + 50 * i, 240]), focal_length=np.array([1000., 1100.]),
                     principal_point=np.array([320., 240.]), image_size=(640, 480), root_depth=4. + i)
        sample = AbsolutePoseSample(metainfo={**place, **meta})
        sample.gt_instances = InstanceData(
            keypoints_patch=torch.full((1, joints, 3), 0.25), keypoints_visible=torch.ones(1, joints),
            has_depth=torch.ones(1), root_patch=torch.tensor([[0.5, 0.5, 4.]]), root_visible=torch.ones(1))
        made.append(sample)
    return made


def answer(monkeypatch, model, output):
    """Lets the head give this output."""
    monkeypatch.setattr(model.head, 'forward', lambda feats: output)


def test_joints_in_the_middle_of_the_heat_map_are_the_root_seen_through_the_boxs_middle(monkeypatch, posenet):
    size = torch.tensor([64., 64., 64.])
    answer(monkeypatch, posenet, PoseNetHeadOutput(torch.full((2, 18, 3), 32.), size))
    found = posenet.predict(torch.zeros(2, 3, 64, 64), samples())
    for i, sample in enumerate(found):
        joints, pixels = sample.pred_instances.keypoints3d, sample.pred_instances.keypoints2d
        x = 200 + 50 * i
        assert joints.shape == (1, 18, 3) and torch.allclose(pixels, torch.tensor([float(x), 140.]).expand(1, 18, 2))
        depth = 4. + i
        wanted = torch.tensor([(x - 320) / 1000 * depth, (140 - 240) / 1100 * depth, depth])
        assert torch.allclose(joints, wanted.expand(1, 18, 3), atol=1e-5)


def test_a_mirrored_patch_gives_mirrored_joints_on_the_other_side():
    pairs = get_skeleton('h36m18').flip_pairs
    coords = torch.rand(1, 18, 3) * 63
    out = PoseNetHeadOutput(coords, torch.tensor([64., 64., 64.]))
    mirrored = out.mirrored(pairs)
    left, right = pairs[0]
    assert mirrored[0, left, 0] == 63 - coords[0, right, 0] and torch.equal(mirrored[0, left, 1:], coords[0, right, 1:])
    assert torch.allclose(PoseNetHeadOutput(mirrored, out.heatmap_size).mirrored(pairs), coords)


def test_with_flip_test_a_mirrored_picture_gives_the_mirrored_pose(posenet):
    images = torch.randn(1, 3, 64, 64)
    posenet.flip_test = True
    try:
        with torch.no_grad():
            straight, mirrored = posenet.estimate(images), posenet.estimate(images.flip(-1))
    finally:
        posenet.flip_test = False
    size = torch.tensor([8., 8., 8.])
    back = PoseNetHeadOutput(torch.cat([mirrored[..., :2], mirrored[..., 2:] / 2 + 0.5], -1) * size, size).mirrored(
        posenet.skeleton.flip_pairs) / size
    assert torch.allclose(back[..., :2], straight[..., :2], atol=1e-5)
    assert torch.allclose((back[..., 2] - 0.5) * 2, straight[..., 2], atol=1e-5)


@pytest.mark.parametrize('exact, moved', [(True, 0.), (False, -(1 - 8 / 64) / 2 / 8)])
def test_an_exact_flip_moves_no_joint(monkeypatch, posenet, exact, moved):
    """A network that finds a bright pixel where it is: 8 places over 64 pixels."""

    def see(images: torch.Tensor) -> PoseNetHeadOutput:
        coords = torch.zeros(len(images), 18, 3)
        coords[..., 0] = images[:, 0].sum(1).argmax(-1)[:, None] / 8
        return PoseNetHeadOutput(coords, torch.tensor([8., 8., 8.]))

    for name, value in dict(see=see, flip_test=True, exact_flip=exact).items():
        monkeypatch.setattr(posenet, name, value)
    images = torch.zeros(2, 3, 64, 64)
    images[0, :, 30, 5] = images[1, :, 30, 63] = 1.
    x = posenet.estimate(images)[:, :, 0]
    torch.testing.assert_close(x, torch.tensor([[5 / 64 + moved], [63 / 64 + moved]]).expand(2, 18))


def test_the_loss_is_zero_for_the_truth_and_in_places_of_the_heat_map(monkeypatch, posenet):
    size = torch.tensor([8., 8., 8.])
    truth = torch.tensor([2., 2., (0.25 / 2 + 0.5) * 8]).expand(2, 18, 3)
    answer(monkeypatch, posenet, PoseNetHeadOutput(truth, size))
    assert posenet.loss(torch.zeros(2, 3, 64, 64), samples())['loss_coords'] == 0
    answer(monkeypatch, posenet, PoseNetHeadOutput(truth + torch.tensor([3., 0., 0.]), size))
    assert posenet.loss(torch.zeros(2, 3, 64, 64), samples())['loss_coords'].item() == pytest.approx(1.)


def test_roots_are_as_far_as_gamma_and_the_box_say(monkeypatch, rootnet):
    answer(monkeypatch, rootnet, RootNetHeadOutput(
        torch.full((2, 2), 32.), torch.tensor([1., 0.5]), torch.tensor([64., 64.])))
    found = [sample.pred_instances for sample in rootnet.predict(torch.zeros(2, 3, 64, 64), samples())]
    k = 2 * (1000 * 1100 / 200**2)**0.5
    assert found[0].root3d[0, 2].item() == pytest.approx(k) and found[1].root3d[0, 2].item() == pytest.approx(k / 2)
    assert found[0].root2d.tolist() == [[200, 140]] and found[0].root3d[0, 0].item() == pytest.approx(-120 / 1000 * k)
    loss = rootnet.loss(torch.zeros(2, 3, 64, 64), samples())['loss_coords']
    assert loss.item() == pytest.approx((abs(k - 4) + abs(k / 2 - 4)) * 1e3 / 3 / 2, rel=1e-4)


def test_with_flip_test_a_mirrored_picture_is_as_far_away(rootnet):
    images = torch.randn(2, 3, 64, 64)

    def depths(patches: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return torch.stack([sample.pred_instances.root3d[0, 2] for sample in rootnet.predict(patches, samples())])

    one_look = depths(images)
    assert not torch.allclose(one_look, depths(images.flip(-1)), rtol=1e-4)
    rootnet.flip_test = True
    try:
        both = depths(images)
        assert torch.allclose(both, depths(images.flip(-1)))
    finally:
        rootnet.flip_test = False
    assert torch.allclose(both, (one_look + depths(images.flip(-1))) / 2)


def test_training_moves_every_weight_of_the_heads(posenet, rootnet):
    for model in (posenet, rootnet):
        losses = model(torch.randn(2, 3, 64, 64), samples(), mode='loss')
        losses['loss_coords'].backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.head.parameters())
        model.zero_grad()


def test_bad_batches_are_named(posenet, rootnet):
    images = torch.zeros(2, 3, 64, 64)
    with pytest.raises(ValueError, match='no root_depth.*run RootNet'):
        posenet.predict(images, samples(root_depth=None))
    with pytest.raises(ValueError, match='several joint sets'):
        posenet.loss(images, [*samples(1), *samples(1, joints=21)])
    with pytest.raises(ValueError, match='18 joints, the data set 21'):
        posenet.loss(images, samples(joints=21))
    with pytest.raises(ValueError, match='no root_patch in its gt_instances'):
        rootnet.loss(images, [AbsolutePoseSample(metainfo=s.metainfo) for s in samples()])
    with pytest.raises(ValueError, match='no focal_length'):
        rootnet.predict(images, samples(focal_length=None))
    with pytest.raises(ValueError, match="'tensor', 'predict' or 'loss'"):
        posenet(images, samples(), mode='guess')
    assert posenet.predict(images[:0], []) == [] == rootnet.predict(images[:0], [])


def test_a_head_of_another_joint_set_and_a_missing_loss_are_named(posenet):
    with pytest.raises(ValueError, match='21 joints, skeleton h36m18 has 18'):
        build(type='PoseNet', skeleton='h36m18', head=dict(type='PoseNetHead', num_joints=21, depth_bins=8, **SMALL))
    silent = build(type='RootNet', head=dict(type='RootNetHead', **SMALL))
    silent.loss_module = None
    with pytest.raises(ValueError, match='built without a loss'):
        silent.loss(torch.zeros(2, 3, 64, 64), samples())


def test_official_files_load_strictly(posenet, rootnet):
    official = {f'module.{key}': value for key, value in posenet.state_dict().items()}
    assert convert_official(dict(epoch=24, network=official), posenet).keys() == posenet.state_dict().keys()
    wanted = rootnet.state_dict()
    official = {'module.' + key.replace('head.', 'root.'): value for key, value in wanted.items()}
    assert convert_official(dict(network=official), rootnet).keys() == wanted.keys()
    official['module.root.extra'] = official.pop('module.root.xy_layer.bias')
    with pytest.raises(KeyMismatchError, match=r'head\.extra'):
        convert_rootnet_state_dict(official, wanted)
