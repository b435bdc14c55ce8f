"""CLIFF as mesh head of a small Faster R-CNN: one iteration learns, every detected person gets a body."""

from pathlib import Path

import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmengine.structures import InstanceData

from cliff_ext.geometry import project_points
from cliff_ext.integrations.mmdet.human_truth import TRUTH
from cliff_ext.integrations.mmdet.people import SMPL_SHAPES

MESH_LOSSES = {f'loss_mesh_{name}' for name in ('keypoints2d', 'keypoints3d', 'pose', 'betas', 'camera')}


@pytest.fixture(scope='module')
def roi_config(project: Path, mot_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The project's config on two frames, half as large."""
    text = (project / 'faster-rcnn_mesh.py').read_text().replace('data/demo_mot/', f'{mot_data}/')
    file = tmp_path_factory.mktemp('config') / 'faster-rcnn_mesh.py'
    file.write_text(text.replace('(320, 192)', '(160, 96)'))
    config = Config.fromfile(file)
    config.work_dir = str(file.parent)
    config.log_level = 'ERROR'
    for loader in (config.train_dataloader, config.test_dataloader):
        loader.dataset.indices = 2
    return config


@pytest.fixture(scope='module')
def runner(roi_config: Config) -> Runner:
    torch.manual_seed(0)
    return Runner.from_cfg(roi_config)


@pytest.fixture(autouse=True)
def scope_of_mmdet(no_default_scope):
    """The runner is shared, its default scope is not."""
    with DefaultScope.overwrite_default_scope('mmdet'):
        yield


@pytest.fixture
def head(runner: Runner):
    return runner.model.roi_head


@pytest.fixture
def batch(runner: Runner) -> dict:
    """Pictures and samples of a training iteration."""
    loader = runner.build_dataloader(runner.cfg.train_dataloader)
    return runner.model.data_preprocessor(next(iter(loader)), True)


def test_one_iteration_trains_boxes_and_bodies(runner):
    before = {name: value.clone() for name, value in runner.model.state_dict().items()}
    runner.train()
    assert runner.iter == 1
    changed = {name for name, value in runner.model.state_dict().items() if not torch.equal(value, before[name])}
    for part in ('backbone.layer4', 'rpn_head', 'roi_head.bbox_head', 'roi_head.mesh_head.decpose'):
        assert any(name.startswith(part) for name in changed), part
    assert not any('mesh_loss_module' in name for name in before), 'the body is no part of a checkpoint'


def test_losses_of_boxes_and_bodies(runner, batch):
    losses = runner.model(**batch, mode='loss')
    assert set(losses) == {'loss_rpn_cls', 'loss_rpn_bbox', 'loss_cls', 'acc', 'loss_bbox'} | MESH_LOSSES
    assert all(torch.isfinite(torch.as_tensor(losses[name])) for name in MESH_LOSSES)
    assert losses['loss_mesh_pose'] > 1


def test_every_detected_person_gets_a_body_in_the_full_frame(runner):
    data = next(iter(runner.test_dataloader))
    runner.model.eval()
    with torch.no_grad():
        sample = runner.model.test_step(data)[0]
    found = sample.pred_instances
    assert len(found) > 0
    assert {name: tuple(found[name].shape[1:]) for name in SMPL_SHAPES} == SMPL_SHAPES
    assert all(torch.isfinite(found[name]).all() for name in SMPL_SHAPES)
    assert torch.allclose(found.focal_length, torch.tensor((640.**2 + 360.**2)**0.5))
    identity = found.global_orient @ found.global_orient.transpose(1, 2)
    torch.testing.assert_close(identity, torch.eye(3).expand_as(identity), atol=1e-4, rtol=0)


def features(count: int = 1):
    return [torch.rand(count, 64, 24 // 2**i, 40 // 2**i, generator=torch.Generator().manual_seed(i)) for i in range(5)]


def sample(**meta) -> DetDataSample:
    return DetDataSample(metainfo=dict(ori_shape=(360, 640), scale_factor=(0.25, 0.25), **meta))


def test_the_head_knows_where_in_the_original_image_a_person_is(head):
    """The same features at another place of the picture give another place in space."""
    center = torch.tensor([[320., 180.]])
    box = torch.cat([center - 50, center + 50], 1)
    frame = head.place(box, sample())
    torch.testing.assert_close(frame.center, center)
    assert frame.scale.item() * 200 == pytest.approx(100 / 0.75 * 1.1)
    assert frame.image_size.tolist() == [[640., 360.]]
    torch.testing.assert_close(frame.bbox_info[:, :2], torch.zeros(1, 2))
    aside = head.place(box + torch.tensor([200., 0., 200., 0.]), sample(focal_length=1000.))
    assert aside.bbox_info[0, 0].item() == pytest.approx(2.8 * 200 / 1000)
    flat = torch.full((1, 64, 24, 40), 0.5)
    maps = [flat[..., :24 // 2**i, :40 // 2**i] for i in range(5)]
    head.eval()
    with torch.no_grad():
        output, place = head.estimate(maps, [box + torch.tensor([-150., 0., -150., 0.])], [sample()])
    pixel = project_points(place.transl(output.crop_cam)[:, None], place.focal_length, place.image_size / 2)[0, 0]
    assert abs(pixel[0] - 170) < 40


def test_regions_are_read_at_the_size_of_the_detectors_input(head, monkeypatch):
    seen = []
    head.eval()
    monkeypatch.setattr(head.mesh_roi_extractor, 'forward', lambda maps, rois: seen.append(rois) or
                        torch.zeros(len(rois), 64, 16, 12))
    boxes = [torch.tensor([[100., 100., 175., 200.]]), torch.zeros(0, 4), torch.tensor([[0., 0., 75., 100.]])]
    with torch.no_grad():
        head.estimate(features(3), boxes, [sample()] * 3)
    half = torch.tensor([75., 100.]) * 1.1 / 2
    wanted = [[image, *(center - half) / 4, *(center + half) / 4]
              for image, center in ((0., torch.tensor([137.5, 150.])), (2., torch.tensor([37.5, 50.])))]
    torch.testing.assert_close(seen[0], torch.tensor(wanted))


def test_without_rescaling_the_body_is_the_same(runner, head):
    """mmdet may ask for boxes in pixels of the input; the body's place is that of the original image all the same."""
    data = runner.model.data_preprocessor(next(iter(runner.test_dataloader)), False)
    runner.model.eval()
    with torch.no_grad():
        x = runner.model.extract_feat(data['inputs'])
        proposals = runner.model.rpn_head.predict(x, data['data_samples'], rescale=False)
        large, small = (head.predict(x, proposals, data['data_samples'], rescale=rescale)[0] for rescale in (True, False))
    both = min(len(large), len(small), 5)
    assert both
    torch.testing.assert_close(small.bboxes[:both] * 4, large.bboxes[:both], atol=0.05, rtol=1e-3)
    torch.testing.assert_close(small.transl[:both], large.transl[:both], atol=0.02, rtol=0.02)


def test_other_classes_get_no_body(runner, head, monkeypatch):
    box = InstanceData(bboxes=torch.tensor([[10., 10., 50., 90.]] * 2), labels=torch.tensor([0, 1]), scores=torch.ones(2))
    monkeypatch.setattr(type(head).__mro__[1], 'predict', lambda *args, **kwargs: [box])
    with torch.no_grad():
        found = head.predict(features(), [], [sample()], rescale=True)[0]
    assert torch.isfinite(found.betas).all(1).tolist() == [True, False]


def test_a_picture_without_people_has_a_loss_of_zero(runner, batch):
    for data_sample in batch['data_samples']:
        data_sample.gt_instances = data_sample.gt_instances[:0]
    losses = runner.model(**batch, mode='loss')
    assert losses['loss_mesh'] == 0
    losses['loss_mesh'].backward()
    assert not MESH_LOSSES & set(losses)


def test_people_of_unknown_pose_do_not_count(runner, batch):
    for data_sample in batch['data_samples']:
        for name in TRUTH:
            if name.startswith('has_'):
                data_sample.gt_instances[name].zero_()
        data_sample.gt_instances.keypoints2d[..., 2] = 0
    losses = runner.model(**batch, mode='loss')
    assert losses['loss_mesh_pose'] == losses['loss_mesh_betas'] == losses['loss_mesh_keypoints2d'] == 0


def test_missing_truth_names_the_transform(runner, batch):
    for data_sample in batch['data_samples']:
        del data_sample.gt_instances.betas
    with pytest.raises(ValueError, match=r'no betas: put dict\(type=.cliff_ext.AddHumanTruth'):
        runner.model(**batch, mode='loss')


def test_a_head_without_a_loss_says_so(runner, batch, head, monkeypatch):
    monkeypatch.setattr(head, 'mesh_loss_module', None)
    with pytest.raises(ValueError, match="mesh_loss=dict"):
        runner.model(**batch, mode='loss')
