"""CLIFF's head, crop, body and measures inside mmhuman3d's estimator, pipelines and datasets."""

import cv2
import numpy as np
import pytest
import torch

pytest.importorskip('mmhuman3d', reason='needs mmhuman3d 0.11: projects/mmhuman3d/setup_env.sh')
import cliff_ext.integrations.mmhuman3d  # noqa: F401  before mmhuman3d

# isort: split
from mmhuman3d.data.datasets.builder import PIPELINES, build_dataset
from mmhuman3d.models.architectures.builder import build_architecture
from mmhuman3d.models.body_models.builder import build_body_model
from mmhuman3d.models.heads.builder import build_head

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import rotmat_to_rotvec, rotvec_to_rotmat
from cliff_ext.io import HumanData, save_human_data
from cliff_ext.models.heads import CLIFFHead, FeedbackHead
from cliff_ext.structures import FullFrame


def build_estimator(**head):
    torch.manual_seed(0)
    return build_architecture(dict(
        type='CliffImageBodyModelEstimator', backbone=dict(type='ResNet', depth=18, out_indices=(3, )),
        neck=dict(type='cliff_ext.GlobalPool'), head=dict(type='cliff_ext.CLIFFHead', in_channels=512, **head),
        body_model_test=dict(type='cliff_ext.SMPLBody'), convention='smpl_49')).eval()


def test_the_head_is_ours_in_mmhuman3ds_words():
    torch.manual_seed(0)
    theirs = build_head(dict(type='cliff_ext.CLIFFHead', in_channels=8, act_cfg=dict(type='ReLU'))).eval()
    ours = CLIFFHead(in_channels=8, act_cfg=dict(type='ReLU')).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    maps, info = torch.randn(2, 8, 4, 3), torch.randn(2, 3)
    wanted = ours(maps.mean((2, 3)), info)
    for features in (maps.mean((2, 3)), maps, (torch.zeros(2, 4, 8, 6), maps)):
        found = theirs(features, info)
        torch.testing.assert_close(found['pred_pose'][:, 0], wanted.global_orient)
        torch.testing.assert_close(found['pred_pose'][:, 1:], wanted.body_pose)
        torch.testing.assert_close(found['pred_shape'], wanted.betas)
        torch.testing.assert_close(found['pred_cam'], wanted.crop_cam)


def test_mmhuman3ds_cliff_head_keeps_its_name():
    assert build_head(dict(type='CliffHead', feat_dim=8)).__class__.__module__.startswith('mmhuman3d.')


def crop(image, bbox_xywh, **options):
    step = PIPELINES.build(dict(type='cliff_ext.FullFrameCrop', **options))
    return step(dict(img=image, bbox_xywh=np.array([*bbox_xywh, 1.])))


def test_the_crop_brings_what_cliff_is_told():
    image = np.random.default_rng(0).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    found = crop(image, (200, 50, 90, 240), output_size=(96, 128))
    assert found['img'].shape == (128, 96, 3) and found['img'].dtype == np.float32
    np.testing.assert_allclose(found['center'], (245, 170))
    np.testing.assert_allclose(found['scale'], 240 * 1.1)
    get_bbox_info = PIPELINES.build(dict(type='GetBboxInfo'))
    theirs = get_bbox_info(dict(img=image, center=found['center'], scale=found['scale']))
    np.testing.assert_allclose(found['bbox_info'], theirs['bbox_info'], rtol=1e-5)
    for name in ('img_h', 'img_w', 'focal_length'):
        assert found[name] == pytest.approx(theirs[name])


@pytest.mark.parametrize('box', [(0, 0, 0, 5), (0, 0, np.nan, 5)])
def test_a_box_without_size_is_refused(box):
    with pytest.raises(ValueError, match='bbox_xywh must be finite'):
        crop(np.zeros((9, 9, 3), np.uint8), box)


def test_people_stand_in_mmhuman3ds_estimator_where_they_stand_in_ours():
    model = build_estimator()
    with torch.no_grad():
        model.head.deccam.weight.normal_(std=0.01)
    image = np.random.default_rng(0).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    people = [crop(image, box, output_size=(96, 128)) for box in ((200, 50, 90, 240), (10, 100, 50, 100))]

    def batch(name):
        return torch.as_tensor(np.stack([person[name] for person in people]), dtype=torch.float32)

    inputs = batch('img').permute(0, 3, 1, 2) / 255
    columns = {name: batch(name)[:, None] for name in ('img_h', 'img_w', 'focal_length')}
    with torch.no_grad():
        found = model(img=inputs, img_metas=[dict(image_path='')] * 2, sample_idx=[0, 1], bbox_info=batch('bbox_info'),
                      center=batch('center'), scale=batch('scale'), **columns)
        out = model.head(model.neck(model.backbone(inputs)), batch('bbox_info'))
    frame = FullFrame(batch('center'), batch('scale')[:, 0] / 200, torch.tensor([[640., 360.]] * 2), batch('focal_length'))
    np.testing.assert_allclose(found['camera'], frame.transl(out['pred_cam']).numpy(), rtol=1e-5)
    assert found['vertices'].shape == (2, 6890, 3) and found['keypoints_3d'].shape == (2, 49, 3)


def test_the_body_takes_matrices_and_axis_angle():
    torch.manual_seed(0)
    betas, rotvec = torch.randn(2, 10), 0.3 * torch.randn(2, 24, 3)
    body = build_body_model(dict(type='cliff_ext.SMPLBody'))
    rotmat = rotvec_to_rotmat(rotvec)
    wanted = SMPL()(rotmat[:, 0], rotmat[:, 1:], betas)
    flat = dict(body_pose=rotvec[:, 1:].reshape(2, 69), global_orient=rotvec[:, 0])
    for found in (body(betas=betas, gender=torch.ones(2), **flat),
                  body(betas=betas, body_pose=rotmat[:, 1:], global_orient=rotmat[:, :1], pose2rot=False)):
        torch.testing.assert_close(found['vertices'], wanted.vertices)
        torch.testing.assert_close(found['joints'], wanted.joints)
    assert not body.state_dict()


@pytest.fixture
def dataset(tmp_path):
    """Two people of four frames each in tiny pictures; the second one's frames are in two runs."""
    rng = np.random.default_rng(0)
    images = tmp_path / 'datasets' / 'humman'
    images.mkdir(parents=True)
    (tmp_path / 'preprocessed_datasets').mkdir()
    frames = np.array([0, 1, 2, 3, 0, 1, 2, 9])
    for frame in set(frames.tolist()):
        cv2.imwrite(str(images / f'{frame}.jpg'), rng.integers(0, 255, (48, 64, 3)).astype(np.uint8))
    save_human_data(tmp_path / 'preprocessed_datasets' / 'tiny.npz', HumanData(
        image_path=[f'{frame}.jpg' for frame in frames], bbox=np.tile([10., 5., 40., 45.], (8, 1)), dataset='humman',
        global_orient=0.2 * rng.normal(size=(8, 3)), body_pose=0.2 * rng.normal(size=(8, 23, 3)),
        betas=np.zeros((8, 10)), frame_id=frames, sequence=['a'] * 4 + ['b'] * 4))
    return build_dataset(dict(
        type='cliff_ext.HumanMeshDataset', dataset_name='humman', data_prefix=str(tmp_path), ann_file='tiny.npz',
        body_model=dict(type='cliff_ext.SMPLBody'), convention='smpl_49', test_mode=True, pipeline=[
            dict(type='LoadImageFromFile'), dict(type='cliff_ext.FullFrameCrop', output_size=(24, 32))]))


def results(dataset, moved):
    """What ``single_gpu_test`` gives, in two batches out of order, joints moved by (N, 1, 3) metres or so."""
    smpl = dataset.human_data['smpl']
    body = dataset.body_model(betas=torch.from_numpy(smpl['betas']), body_pose=torch.from_numpy(smpl['body_pose']),
                              global_orient=torch.from_numpy(smpl['global_orient']))
    rotmats = rotvec_to_rotmat(torch.from_numpy(np.concatenate([smpl['global_orient'][:, None], smpl['body_pose']], 1)))
    joints = body['joints'].numpy() + moved
    return [dict(keypoints_3d=joints[rows], smpl_pose=rotmats.numpy()[rows], smpl_beta=smpl['betas'][rows],
                 image_idx=np.array(rows)) for rows in ([7, 2, 0], [1, 3, 4, 6, 5])]


def test_our_measures_beside_mmhuman3ds(dataset, tmp_path):
    rng = np.random.default_rng(1)
    outputs = results(dataset, 0.05 * rng.normal(size=(8, 49, 3)))
    found = dataset.evaluate(outputs, str(tmp_path), ['mpjpe', 'pa-mpjpe', 'cliff_ext/mpjpe', 'cliff_ext/pa-mpjpe',
                                                      'cliff_ext/worst-mpjpe', 'cliff_ext/accel'])
    assert found['cliff_ext/mpjpe'] == pytest.approx(found['MPJPE'], rel=1e-5) and found['MPJPE'] > 30
    assert found['cliff_ext/pa-mpjpe'] == pytest.approx(found['PA-MPJPE'], rel=1e-4)
    assert found['cliff_ext/worst-mpjpe'] > found['cliff_ext/mpjpe']
    assert list(dataset.evaluate(outputs, str(tmp_path), 'cliff_ext/accel')) == ['cliff_ext/accel']


def test_acceleration_is_taken_within_runs_of_frames(dataset, tmp_path):
    pushed = np.zeros((8, 49, 3))
    pushed[1, 25] = (0.1, 0, 0)  # LSP's first joint, in the second frame of the first person
    pushed[7] = rest = np.linspace(0, 1, 147).reshape(49, 3)  # frame 9 has no neighbours
    assert [run.tolist() for run in dataset._runs()] == [[0, 1, 2, 3], [4, 5, 6], [7]]
    found = dataset.evaluate(results(dataset, pushed), str(tmp_path), 'cliff_ext/accel')['cliff_ext/accel']
    # second differences 200 and 100 mm of one of 14 joints in two of three triples
    assert rest.any() and found == pytest.approx((200 + 100) / 14 / 3, rel=1e-4)


def test_missing_results_and_unknown_metrics_are_named(dataset, tmp_path):
    outputs = results(dataset, 0.)
    with pytest.raises(ValueError, match='results of 3 people for a dataset of 8'):
        dataset.evaluate(outputs[:1], str(tmp_path), 'cliff_ext/mpjpe')
    with pytest.raises(KeyError, match='nonsense'):
        dataset.evaluate(outputs, str(tmp_path), 'nonsense')


def test_the_dataset_gives_crops(dataset):
    sample = dataset[0]
    assert sample['img'].shape == (32, 24, 3) and sample['sample_idx'] == 0 and sample['has_smpl'] == 1
    np.testing.assert_allclose(
        rotmat_to_rotvec(rotvec_to_rotmat(torch.from_numpy(sample['smpl_global_orient']))).numpy(),
        dataset.human_data['smpl']['global_orient'][0], atol=1e-5)


def test_the_head_that_looks_at_maps_is_ours_too():
    torch.manual_seed(0)
    config = dict(in_channels=8, map_size=(6, 8), hidden=16)
    theirs = build_head(dict(type='cliff_ext.FeedbackHead', **config)).eval()
    ours = FeedbackHead(**config).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    feature = torch.cat([torch.randn(2, 8), torch.randn(2, 24, 48).softmax(-1).flatten(1)], 1)
    found, wanted = (head(feature, torch.randn(2, 3, generator=torch.manual_seed(1))) for head in (theirs, ours))
    torch.testing.assert_close(found['pred_pose'], wanted.rotmats)
    torch.testing.assert_close(found['pred_cam'], wanted.crop_cam)
