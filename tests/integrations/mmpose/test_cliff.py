"""CLIFF as a pose estimator of mmpose, and on what other models of mmpose found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.structures import BaseDataElement, InstanceData

from cliff_ext.apis import Estimator
from cliff_ext.integrations.mmpose import PoseMesh
from cliff_ext.integrations.mmpose.estimators import human_sample
from cliff_ext.integrations.mmpose.people import SMPL
from cliff_ext.io import load_tracks, load_weights, open_source

CONFIG = 'configs/cliff/cliff_res18-parts_128x96_synthetic.py'


@pytest.fixture(scope='module')
def scene(repo_root) -> tuple[np.ndarray, np.ndarray]:
    """The demo clip's first picture and the true boxes (N, 4) in it."""
    zoo = repo_root / 'cliff_ext/zoo'
    _, _, image = next(iter(open_source(zoo / 'demo_clip.mp4')))
    return image, np.stack([track.bboxes[0] for track in load_tracks(zoo / 'demo_clip_truth.npz').tracks])


@pytest.fixture(scope='module')
def ours(repo_root, scene) -> list[dict[str, np.ndarray]]:
    """What cliff_ext's own pipeline says of these people."""
    estimator = Estimator(str(repo_root / CONFIG), 'embedded:demo_cliff.pth', fuse=False)
    image, boxes = scene
    return [estimator.row(crop) for crop in estimator([estimator.crop(image, box, None) for box in boxes])]


def sample(**meta) -> BaseDataElement:
    """A crop as mmpose's pipeline packs it."""
    result = BaseDataElement(metainfo=dict(dict(input_center=np.array([300., 200.]), input_scale=np.array([75., 100.]),
                                                ori_shape=(480, 640)), **meta))
    result.gt_instances = InstanceData(bboxes=np.array([[270., 160., 330., 240.]]), bbox_scores=np.ones(1))
    return result


def small(**kwargs) -> torch.nn.Module:
    torch.manual_seed(0)
    model = MODELS.build(dict(
        type='cliff_ext.CLIFFPoseEstimator', backbone=dict(type='mmdet.ResNet', depth=18, base_channels=4, stem_channels=4),
        neck=dict(type='GlobalPool'), head=dict(type='CLIFFHead', in_channels=32), **kwargs))
    return model.eval()


def test_a_crop_of_mmposes_says_where_it_lies():
    crop = human_sample(sample())
    assert crop.scale == pytest.approx(0.5) and crop.center.tolist() == [300, 200] and crop.image_size == (640, 480)
    assert crop.focal_length == pytest.approx(800)
    assert crop.bbox.tolist() == [262.5, 150, 337.5, 250]
    assert human_sample(sample(focal_length=500.)).focal_length == 500


@pytest.mark.parametrize('missing', ['input_center', 'ori_shape'])
def test_a_sample_without_its_place_is_refused(missing):
    crop = sample()
    crop.pop(missing)
    with pytest.raises(ValueError, match=f'has no {missing} .* put LoadImage, GetBBoxCenterScale, TopdownAffine'):
        human_sample(crop)


def test_keypoints_are_the_bodys_joints_in_the_full_image():
    init_default_scope('mmpose')
    model = small(skeleton='openpose25')
    with torch.no_grad():
        found = model(torch.zeros(2, 3, 64, 48), [sample(), sample(focal_length=600.)], mode='predict')
        people = [one.pred_instances for one in found]
        smpl = [torch.cat([torch.from_numpy(one[name]) for one in people]) for name in SMPL]
        joints = model.body(*smpl[:4]).joints[:, :25]
    pixels = joints[..., :2] / joints[..., 2:] * smpl[4][:, None, None] + torch.tensor([320., 240.])
    np.testing.assert_allclose(np.concatenate([one.keypoints for one in people]), pixels, rtol=1e-4)
    assert people[0].keypoint_scores.tolist() == [[1.] * 25]
    assert people[0].bboxes.tolist() == [[270, 160, 330, 240]]
    assert people[0].transl.shape == (1, 3) and people[1].focal_length.tolist() == [600]


def test_joints_that_the_body_lacks_have_no_score():
    people = small(skeleton='jhmdb15')(torch.zeros(1, 3, 64, 48), [sample()], mode='predict')[0].pred_instances
    assert 0 < people.keypoint_scores.sum() < 15


def test_no_people_are_no_trouble():
    assert small()(torch.zeros(0, 3, 64, 48), [], mode='predict') == []


def test_what_does_not_work_here_is_refused():
    with pytest.raises(ValueError, match='neither train_cfg nor flip_test'):
        small(test_cfg=dict(flip_test=True))
    with pytest.raises(ValueError, match='train it with configs/cliff'):
        small()(torch.zeros(1, 3, 64, 48), [sample()], mode='loss')


def test_through_mmposes_pipeline_it_finds_the_people_that_our_own_finds(repo_root, scene, ours):
    pytest.importorskip('mmpose')
    from mmengine.dataset import Compose, pseudo_collate
    init_default_scope('mmpose')
    config = Config.fromfile(repo_root / 'projects/mmpose/cliff_demo-clip.py')
    model = MODELS.build(config.model).eval()
    load_weights(model, repo_root / 'cliff_ext/zoo/demo_cliff.pth')
    pipeline = Compose(config.test_dataloader.dataset.pipeline)
    image, boxes = scene
    with torch.no_grad():
        found = model.test_step(pseudo_collate([pipeline(dict(img=image, bbox=box[None], bbox_score=np.ones(1)))
                                                for box in boxes]))
    theirs = np.concatenate([one.pred_instances.transl for one in found])
    wanted = np.stack([row['transl'] for row in ours])
    np.testing.assert_allclose(theirs, wanted, rtol=0.05, atol=0.1)  # mmpose's crops lie a fraction of a pixel beside ours
    turns = [np.linalg.norm(one.pred_instances.global_orient[0] - row['global_orient']) for one, row in
             zip(found, ours, strict=True)]
    assert max(turns) < 0.35


def found_by_mmpose(boxes: np.ndarray, **meta) -> BaseDataElement:
    """A picture's people as an inferencer returns them."""
    result = BaseDataElement(metainfo=meta)
    result.pred_instances = InstanceData(bboxes=boxes, keypoints=np.zeros((len(boxes), 17, 2)))
    return result


@pytest.fixture(scope='module')
def add_meshes() -> PoseMesh:
    return PoseMesh(batch_size=2)


def test_bodies_for_what_another_model_found(add_meshes, scene, ours, tmp_path):
    image, boxes = scene
    cv2.imwrite(str(tmp_path / 'people.png'), image)
    before = found_by_mmpose(boxes, img_path=str(tmp_path / 'people.png'))
    nobody = found_by_mmpose(boxes[:0], img_path=str(tmp_path / 'people.png'))
    after, empty, last = add_meshes([before, nobody, found_by_mmpose(boxes[1:2], img_path=str(tmp_path / 'people.png'))])
    for name in SMPL:
        wanted = np.stack([row[name] for row in ours])
        np.testing.assert_allclose(after.pred_instances[name], wanted, rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(last.pred_instances[name], wanted[1:2], rtol=1e-3, atol=1e-3)
    assert len(empty.pred_instances) == 0 and 'transl' not in before.pred_instances
    given = add_meshes([found_by_mmpose(boxes)], image)[0]
    np.testing.assert_allclose(given.pred_instances.transl, after.pred_instances.transl, atol=1e-5)


def test_meshes_refuse_what_they_cannot_look_at(add_meshes, scene):
    image, boxes = scene
    with pytest.raises(FileNotFoundError, match='nowhere.png: no picture .* give image='):
        add_meshes([found_by_mmpose(boxes, img_path='nowhere.png')])
    with pytest.raises(ValueError, match='no pred_instances.bboxes'):
        add_meshes([BaseDataElement()], image)
    with pytest.raises(ValueError, match='x1 < x2'):
        add_meshes([found_by_mmpose(np.array([[5., 5., 5., 9.]]))], image)
