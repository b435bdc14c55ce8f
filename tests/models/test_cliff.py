import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DefaultScope

from cliff_ext.datasets.transforms import FullFrameCrop, PackHumanInputs
from cliff_ext.geometry import project_points
from cliff_ext.models import fuse_for_inference
from cliff_ext.registry import MODELS
from cliff_ext.structures import HumanDataSample


@pytest.fixture(scope='module')
def model():
    import mmdet.models  # noqa: F401  (registers the backbones)
    torch.manual_seed(0)
    cfg = dict(type='CLIFF', data_preprocessor=dict(type='mmengine.ImgDataPreprocessor', mean=[123., 116., 103.],
                                                    std=[58., 57., 57.], bgr_to_rgb=True),
               backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, )),
               neck=dict(type='GlobalPool'), head=dict(type='CLIFFHead', in_channels=64, hidden=32))
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        net = MODELS.build(cfg)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.5, 1.5)
    return net.eval()


def samples(count: int) -> list[dict]:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (120, 160, 3), dtype=np.uint8)
    crop, pack = FullFrameCrop((48, 64)), PackHumanInputs()
    return [pack(crop(dict(img=image, bbox=[10 + 5 * i, 20, 60 + 5 * i, 110]))) for i in range(count)]


def test_predict_puts_people_where_their_boxes_are(model):
    results = model.test_step(pseudo_collate(samples(3)))
    for i, result in enumerate(results):
        found = result.pred_instances
        assert found.global_orient.shape == (1, 3, 3) and found.body_pose.shape == (1, 23, 3, 3)
        assert found.focal_length.item() == pytest.approx(200.)
        pixel = project_points(found.transl[None], found.focal_length, torch.tensor([[80., 60.]]))[0, 0]
        shift = found.crop_cam[0, 1:] * found.crop_cam[0, 0] * result.metainfo['scale'] * 100
        assert torch.allclose(pixel - shift, torch.tensor([35. + 5 * i, 65.]), atol=0.05)


def test_batches_do_not_mix_people(model):
    together = model.test_step(pseudo_collate(samples(4)))
    alone = model.test_step(pseudo_collate(samples(4)[2:3]))
    assert torch.allclose(together[2].pred_instances.transl, alone[0].pred_instances.transl, atol=1e-4)
    assert model.predict(torch.zeros(0, 3, 64, 48), []) == []


def test_flip_test_of_a_mirrored_picture_gives_the_mirrored_person(model):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (120, 160, 3), dtype=np.uint8)
    pipeline = [FullFrameCrop((48, 64)), PackHumanInputs()]
    answers = []
    model.flip_test = True
    try:
        for picture, bbox in ((image, [10, 20, 60, 110]), (np.ascontiguousarray(image[:, ::-1]), [100, 20, 150, 110])):
            sample, = model.test_step(pseudo_collate([pipeline[1](pipeline[0](dict(img=picture, bbox=bbox)))]))
            answers.append(sample.pred_instances)
    finally:
        model.flip_test = False
    ours, theirs = answers
    mirror = torch.diag(torch.tensor([-1., 1., 1.]))
    assert torch.allclose(theirs.global_orient, mirror @ ours.global_orient @ mirror, atol=1e-4)
    knees = [3, 4]
    assert torch.allclose(theirs.body_pose[:, knees], mirror @ ours.body_pose[:, knees[::-1]] @ mirror, atol=1e-4)
    assert torch.allclose(theirs.transl, ours.transl * torch.tensor([-1., 1., 1.]), atol=1e-3)
    assert torch.allclose(theirs.betas, ours.betas, atol=1e-4)
    alone, = model.test_step(pseudo_collate([pipeline[1](pipeline[0](dict(img=image, bbox=[10, 20, 60, 110])))]))
    assert not torch.allclose(alone.pred_instances.betas, ours.betas, atol=1e-4), 'an average of two answers'


def test_losses_on_parts_need_a_neck_that_sees_parts():
    import mmdet.models  # noqa: F401
    with (DefaultScope.overwrite_default_scope('cliff_ext'),
          pytest.raises(ValueError, match='auxiliary_losses need .* PartAttention; this one is GlobalPool')):
        MODELS.build(dict(
            type='CLIFF', backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, )),
            neck=dict(type='GlobalPool'), head=dict(type='CLIFFHead', in_channels=64, hidden=32),
            loss=dict(type='RenderedHumanLoss'),
            auxiliary_losses=[dict(type='PartLoss', part_channels=4, vector_channels=64)]))


def test_a_detached_heads_loss_trains_the_head_alone():
    import mmdet.models  # noqa: F401

    from tests.models.losses.rendered_people import rendered
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        net = MODELS.build(dict(
            type='CLIFF', backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(0, 1, 2, 3)),
            neck=dict(type='PartAttention', in_channels=(8, 16, 32, 64), map_size=(12, 16), channels=16, fine_channels=8,
                      part_channels=4),
            head=dict(type='CLIFFHead', in_channels=496, hidden=32), loss=dict(type='RenderedHumanLoss'), detach_head=True,
            auxiliary_losses=[dict(type='PartLoss', part_channels=4, vector_channels=496)])).eval()
    inputs, people = torch.randn(2, 3, 64, 48), rendered(2)

    def gradients(only: str) -> dict[str, list[torch.Tensor | None]]:
        net.zero_grad()
        sum(value for name, value in net.loss(inputs, people).items() if name.startswith(only)).backward()
        return {name: [value.grad for value in getattr(net, name).parameters()] for name in ('backbone', 'neck', 'head')}

    all_losses, parts = gradients('loss_'), gradients('loss_part_')
    for name in ('backbone', 'neck'):
        assert any(value is not None and value.abs().max() > 0 for value in parts[name])
        for value, wanted in zip(all_losses[name], parts[name], strict=True):
            torch.testing.assert_close(value, wanted)
    assert all(value.abs().max() > 0 for value in all_losses['head']) and not any(v is not None for v in parts['head'])
    net.detach_head = False
    assert not torch.allclose(gradients('loss_')['neck'][0], parts['neck'][0])


def test_missing_meta_and_unknown_mode_are_named(model):
    with pytest.raises(ValueError, match='has no center'):
        model(torch.zeros(1, 3, 64, 48), [HumanDataSample()])
    with pytest.raises(ValueError, match="'tensor', 'predict' or 'loss'"):
        model(torch.zeros(1, 3, 64, 48), [], mode='guess')


def test_fusing_changes_rounding_only_and_leaves_the_model_alone(model):
    before = {key: value.clone() for key, value in model.state_dict().items()}
    images = torch.randn(2, 3, 64, 48)
    with torch.no_grad():
        plain = model.extract_feat(images)
        fused = fuse_for_inference(model)
        assert torch.allclose(fused.extract_feat(images), plain, rtol=1e-4, atol=1e-4)
        assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in fused.modules())
        half = fuse_for_inference(model, torch.bfloat16).extract_feat(images)
    assert half.dtype == torch.float32 and torch.nn.functional.cosine_similarity(half, plain).min() > 0.99
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    with pytest.raises(ValueError, match='float32 or bfloat16'):
        fuse_for_inference(model, torch.float16)


@pytest.mark.parametrize('name, entries', [('cliff_res50_256x192', 331), ('cliff_hr48_256x192', 1967)])
def test_configs_build_networks_with_the_official_number_of_entries(repo_root, name, entries):
    import mmdet.models  # noqa: F401
    cfg = Config.fromfile(repo_root / 'configs' / 'cliff' / f'{name}.py')
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        assert len(MODELS.build(cfg.model).state_dict()) == entries


def test_early_steps_of_the_head_are_judged_too():
    import mmdet.models  # noqa: F401

    from tests.models.losses.rendered_people import frame_of, rendered
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('cliff_ext'):
        net = MODELS.build(dict(
            type='CLIFF', backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, )),
            neck=dict(type='GlobalPool'), loss=dict(type='RenderedHumanLoss'), early_weight=0.25,
            head=dict(type='CLIFFHead', in_channels=64, hidden=32, iterations=3))).eval()
    torch.nn.init.normal_(net.head.decpose.weight, std=0.1)
    people, images = rendered(2), torch.randn(2, 3, 64, 48)
    frame = frame_of(people)
    first, second, last = (net.loss_module(step, frame, people)
                           for step in net.head.refine(net.extract_feat(images), frame.bbox_info))
    found = net.loss(images, people)
    assert found.keys() == last.keys()
    for name, value in found.items():
        assert value.item() == pytest.approx((last[name] + 0.25 * (first[name] + second[name])).item(), rel=1e-5)
    net.early_weight = 0.
    assert net.loss(images, people)['loss_pose'].item() == pytest.approx(last['loss_pose'].item())
