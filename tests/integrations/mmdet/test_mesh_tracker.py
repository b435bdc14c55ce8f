"""Bodies on the people that mmdet's trackers follow; what the trackers say stays as it is."""

import copy

import mmcv
import numpy as np
import pytest
import torch
from mmdet.apis import inference_mot
from mmdet.structures import DetDataSample
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import Runner
from mmengine.runner.checkpoint import load_checkpoint
from mmengine.structures import InstanceData

from cliff_ext.apis import Estimator, config_root
from cliff_ext.geometry import project_points
from cliff_ext.integrations.mmdet import MeshTracker, TrackedPeople
from cliff_ext.integrations.mmdet.people import SMPL_SHAPES
from cliff_ext.io import CheckpointError
from cliff_ext.io.zoo import ZOO

CLIFF = 'cliff/cliff_res18-parts_128x96_synthetic.py'
NOTHING = torch.zeros(3, 32, 32)
"""A tracker's input that must not be looked at, as there is a file."""


def predictions(runner) -> list[DetDataSample]:
    """What the model says of each frame."""
    runner.model.eval()
    with torch.no_grad():
        return [runner.model.test_step(batch)[0][0] for batch in runner.test_dataloader]


def plain(config):
    """The same config without us."""
    config = copy.deepcopy(config)
    config.model = config.model.mot
    config.test_evaluator = dict(type='CocoVideoMetric', metric='bbox',
                                 ann_file=f'{config.test_dataloader.dataset.data_root}/annotations/train_cocoformat.json')
    return config


@pytest.fixture
def tracker(config) -> MeshTracker:
    with DefaultScope.overwrite_default_scope('mmdet'):
        return MODELS.build(config.model).eval()


@pytest.fixture
def sample(mot_data) -> DetDataSample:
    """A frame with a person, a car, a box outside, a broken box and one that juts out."""
    bboxes = torch.tensor([[250., 90., 330., 300.], [20., 20., 120., 90.], [700., 10., 800., 200.],
                           [50., 50., torch.nan, 90.], [-40., 60., 60., 330.]])
    path = str(mot_data / 'train/demo_clip/img1/000001.jpg')
    sample = DetDataSample(metainfo=dict(img_path=path, ori_shape=(360, 640), frame_id=0))
    sample.pred_track_instances = InstanceData(bboxes=bboxes, labels=torch.tensor([0, 2, 0, 0, 0]), scores=torch.ones(5),
                                               instances_id=torch.arange(5))
    return sample


def test_everybody_tracked_gets_the_body_that_cliff_sees_in_the_original_picture(config, build_runner):
    frames = predictions(build_runner(config))
    assert [len(frame.pred_track_instances) for frame in frames] == [3] * 6
    last = frames[-1]
    people = last.pred_track_instances
    assert {name: tuple(people[name].shape[1:]) for name in SMPL_SHAPES} == SMPL_SHAPES
    assert last.img_shape[:2] != last.ori_shape[:2], 'the tracker must have seen a resized picture'
    estimator = Estimator(str(config_root() / CLIFF), 'embedded:demo_cliff.pth', fuse=False)
    picture = mmcv.imread(last.img_path)
    cut = np.clip(people.bboxes.numpy(), 0, [640, 360, 640, 360])
    direct = estimator([estimator.crop(picture, bbox, None) for bbox in cut])
    for i, sample in enumerate(direct):
        for name in SMPL_SHAPES:
            torch.testing.assert_close(people[name][i], sample.pred_instances[name][0], atol=1e-5, rtol=1e-5)
    pelvis = project_points(people.transl[:, None], people.focal_length, torch.tensor([320., 180.]))[:, 0]
    assert ((people.bboxes[:, :2] < pelvis) & (pelvis < people.bboxes[:, 2:])).all()


def test_what_the_tracker_says_is_the_same_with_and_without_us(config, build_runner):
    ours = [frame.pred_track_instances for frame in predictions(build_runner(config))]
    theirs = [frame.pred_track_instances for frame in predictions(build_runner(plain(config)))]
    assert sum(map(len, theirs)) == 18
    for one, other in zip(ours, theirs, strict=True):
        assert set(one.keys()) - set(other.keys()) == set(SMPL_SHAPES)
        assert all(torch.equal(one[name], other[name]) for name in ('bboxes', 'scores', 'labels', 'instances_id'))


@pytest.mark.parametrize('metric', ['MOTChallengeMetric', 'CocoVideoMetric'])
def test_metrics_are_the_same_with_and_without_us(config, build_runner, metric):
    wanted = plain(config)
    if metric == 'MOTChallengeMetric':
        pytest.importorskip('trackeval')
        wanted.test_evaluator = dict(type=metric, metric=['HOTA', 'CLEAR', 'Identity'])
    else:
        wanted.test_evaluator.metric = 'bbox'
    config.test_evaluator = [copy.deepcopy(wanted.test_evaluator), config.test_evaluator]
    alone, attached = build_runner(wanted).test(), build_runner(config).test()
    assert len(alone) >= 6
    assert {name: attached[name] for name in alone} == alone
    assert attached['human-track/people'] == 3


def test_other_classes_and_boxes_without_a_person_get_no_body(tracker, sample):
    tracker.add_meshes(NOTHING, sample)
    known = torch.isfinite(sample.pred_track_instances.body_pose).flatten(1)
    assert known.all(1).tolist() == known.any(1).tolist() == [True, False, False, False, True]
    other = copy.deepcopy(sample)
    tracker.person_label = 2
    tracker.add_meshes(NOTHING, other)
    assert torch.isfinite(other.pred_track_instances.transl).all(1).tolist() == [False, True, False, False, False]


def test_a_batch_of_one_sees_what_a_large_one_sees(tracker, sample):
    tracker.add_meshes(NOTHING, sample)
    alone = copy.deepcopy(sample)
    tracker.batch_size = 1
    tracker.add_meshes(NOTHING, alone)
    torch.testing.assert_close(alone.pred_track_instances.transl, sample.pred_track_instances.transl, equal_nan=True,
                               atol=1e-5, rtol=1e-5)


def test_a_given_focal_length_moves_people_away(tracker, sample):
    tracker.focal_length = 1500.
    tracker.add_meshes(NOTHING, sample)
    far = sample.pred_track_instances
    assert far.focal_length[0] == 1500.
    assert far.transl[0, 2] > 5


def test_a_frame_without_people_has_empty_fields(tracker, sample):
    sample.pred_track_instances = sample.pred_track_instances[:0]
    tracker.add_meshes(NOTHING, sample)
    assert {name: tuple(sample.pred_track_instances[name].shape) for name in SMPL_SHAPES} == {
        name: (0, *shape) for name, shape in SMPL_SHAPES.items()}


def test_strongsorts_rows_are_understood():
    rows = np.array([[7., 3., 10., 20., 30., 40., 0.9]])
    people = TrackedPeople.of(InstanceData(bboxes=rows))
    assert people.ids.tolist() == [3]
    assert people.bboxes.tolist() == [[10., 20., 40., 60.]]
    assert people.scores.tolist() == pytest.approx([0.9])


def test_ocsort_and_a_whole_video_at_once(config, build_runner):
    pytest.importorskip('motmetrics', reason="mmdet's SORT trackers need it")
    config.model.mot.type = 'OCSORT'
    config.model.mot.tracker = dict(
        type='OCSORTTracker', motion=dict(type='KalmanFilter'), obj_score_thr=0.3, init_track_thr=0.6,
        weight_iou_with_det_scores=False, match_iou_thr=0.3, num_tentatives=1, vel_consist_weight=0.2, vel_delta_t=3,
        num_frames_retain=30)
    config.test_dataloader.sampler = dict(type='DefaultSampler', shuffle=False)
    runner = build_runner(config)
    assert runner.test()['human-track/frames'] >= 18
    with torch.no_grad():
        video = runner.model.test_step(next(iter(runner.test_dataloader)))[0]
    assert all(torch.isfinite(frame.pred_track_instances.transl).all() for frame in video.video_data_samples)


def test_qdtrack_and_its_two_stage_detector(config, build_runner):
    """mmdet's own config, made small, with random weights: each box in the picture has a body, the others none."""
    mot = get_config('mmdet::qdtrack/qdtrack_faster-rcnn_r50_fpn_4e_base.py').model
    mot.detector.backbone.update(depth=18, style='pytorch', norm_cfg=dict(type='BN'), init_cfg=None)
    mot.detector.neck.in_channels = [64, 128, 256, 512]
    mot.detector.test_cfg.rpn.max_per_img = 20
    mot.tracker.update(init_score_thr=0., obj_score_thr=0.)
    config.model.mot = mot
    config.test_dataloader.dataset.pipeline[0].transforms[1].scale = (160, 160)
    config.randomness = dict(seed=0)
    runner = Runner.from_cfg(config)
    runner.model.eval()
    with torch.no_grad():
        people = runner.model.test_step(next(iter(runner.test_dataloader)))[0][0].pred_track_instances
    visible, _ = TrackedPeople.of(people).seen(0, (640, 360))
    assert len(visible) > 0
    assert torch.isfinite(people.transl).all(1).nonzero().flatten().tolist() == visible.tolist()


@pytest.mark.parametrize('normalisation', [
    dict(), dict(mean=[123.7, 116.3, 103.5], std=[58.4, 57.1, 57.4], bgr_to_rgb=True)])
def test_frames_that_come_from_no_file_are_scaled_back(tracker, config, mot_data, normalisation):
    picture = mmcv.imread(str(mot_data / 'train/demo_clip/img1/000001.jpg'))
    config.test_dataloader.dataset.pipeline[0].transforms[1].scale = (640, 360)
    with DefaultScope.overwrite_default_scope('mmdet'):
        tracker.data_preprocessor = MODELS.build(dict(config.model.mot.data_preprocessor, **normalisation))
        tracker.cfg = config
        load_checkpoint(tracker.detector, str(ZOO / 'demo_detector.pth'))
        seen = []
        tracker.estimate = lambda picture, bboxes: seen.append(picture) or MeshTracker.estimate(tracker, picture, bboxes)
        tracker.mot.predict = people_at([[250., 90., 330., 300.]])
        result = inference_mot(tracker, picture, 0, 6)[0]
    assert np.abs(seen[0] - picture).max() < 1e-3
    assert torch.isfinite(result.pred_track_instances.transl).all()


def people_at(bboxes):
    """A tracker that finds these boxes whatever it sees."""

    def predict(inputs, data_samples):
        count = len(bboxes)
        data_samples[0][0].pred_track_instances = InstanceData(
            bboxes=torch.tensor(bboxes), labels=torch.zeros(count, dtype=torch.long), scores=torch.ones(count),
            instances_id=torch.arange(count))
        return data_samples

    return predict


def test_boxes_of_another_size_of_picture_are_refused(tracker, sample):
    sample.set_metainfo(dict(ori_shape=(720, 1280)))
    with pytest.raises(ValueError, match='640 x 360 pixels, ori_shape says 1280 x 720'):
        tracker.add_meshes(NOTHING, sample)


def test_the_trackers_own_checkpoint_loads_as_it_is(config, tracker, tmp_path):
    with DefaultScope.overwrite_default_scope('mmdet'):
        mot = MODELS.build(config.model.mot)
    wanted = {f'mot.{name}': value for name, value in mot.state_dict().items()}
    wanted |= {f'mesh.{name}': value.clone() for name, value in tracker.mesh.state_dict().items()}
    torch.save(dict(state_dict=mot.state_dict()), tmp_path / 'bytetrack.pth')
    load_checkpoint(tracker, str(tmp_path / 'bytetrack.pth'), strict=True)
    found = tracker.state_dict()
    assert all(torch.equal(found[name], value) for name, value in wanted.items())
    torch.save(dict(state_dict=found), tmp_path / 'both.pth')
    load_checkpoint(tracker, str(tmp_path / 'both.pth'), strict=True)


def test_training_leaves_cliff_alone(tracker):
    before = {name: value.clone() for name, value in tracker.mesh.state_dict().items()}
    tracker.init_weights()
    tracker.train()
    assert tracker.mot.training
    assert not tracker.mesh.training
    assert not any(value.requires_grad for value in tracker.mesh.parameters())
    assert all(torch.equal(value, before[name]) for name, value in tracker.mesh.state_dict().items())


def test_cliff_written_out_in_the_config(config):
    file = Config.fromfile(config_root() / CLIFF)
    config.model.mesh = dict(file.model, type='cliff_ext.CLIFF')
    with pytest.raises(ValueError, match='crop_pipeline'):
        MODELS.build(config.model)
    config.model.crop_pipeline = file.test_pipeline
    assert MODELS.build(config.model).mesh.neck.__class__.__name__ == 'PartAttention'


@pytest.mark.parametrize(('change', 'error', 'words'), [
    (dict(mot=dict(type='ByteTracker', motion=dict(type='KalmanFilter'))), TypeError, 'mot must be a multi-object tracker'),
    (dict(mesh='cliff_ext::cliff/none.py'), FileNotFoundError, 'cliff_ext::cliff/none.py'),
    (dict(mesh_checkpoint='embedded:none.pth'), FileNotFoundError, 'ships no such file'),
    (dict(mesh_checkpoint='embedded:demo_detector.pth'), CheckpointError, 'does not fit CLIFF'),
])
def test_a_config_that_cannot_be_used_is_named(config, change, error, words):
    for name, value in change.items():
        config.model[name] = value
    with pytest.raises(error, match=words):
        MODELS.build(config.model)
