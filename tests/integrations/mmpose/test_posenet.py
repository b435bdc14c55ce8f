"""PoseNet's head, codec and depths in mmpose's TopdownPoseEstimator."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

pytest.importorskip('mmpose')

from mmpose.registry import KEYPOINT_CODECS, MODELS, TRANSFORMS
from mmpose.structures import PoseDataSample

CODEC = dict(type='cliff_ext.SoftArgmax3DLabel', input_size=(64, 64), heatmap_size=(16, 16, 8), depth_range=2.)
HEAD = dict(type='cliff_ext.TopdownPoseNetHead', num_joints=4, in_channels=32, deconv_channels=(8, 8, 8), depth_bins=8,
            decoder=CODEC)
MODEL = dict(
    type='TopdownPoseEstimator', data_preprocessor=dict(type='PoseDataPreprocessor'),
    backbone=dict(type='ResNet', depth=18, base_channels=4, stem_channels=4), head=HEAD)
FLIP = [0, 2, 1, 3]


@pytest.fixture(autouse=True)
def in_mmpose():
    init_default_scope('mmpose')


def batch(count: int = 2, depths: bool = True) -> dict:
    """Crops of noise with keypoints, as mmpose's pipeline packs them."""
    rng = np.random.default_rng(0)
    transforms = [TRANSFORMS.build(dict(type=name, **kwargs)) for name, kwargs in (
        ('cliff_ext.LoadJointDepths', {}), ('GetBBoxCenterScale', {}), ('TopdownAffine', dict(input_size=(64, 64))),
        ('GenerateTarget', dict(encoder=CODEC)), ('PackPoseInputs', {}))]
    inputs, samples = [], []
    for i in range(count):
        raw = dict(joint_depths=rng.uniform(-0.5, 0.5, 4).tolist()) if depths else {}
        item = dict(img=rng.integers(0, 255, (100, 120, 3)).astype(np.uint8), ori_shape=(100, 120), id=i, raw_ann_info=raw,
                    bbox=np.array([[20., 10., 90., 90.]], np.float32), bbox_score=np.ones(1, np.float32),
                    keypoints=rng.uniform(30, 80, (1, 4, 2)).astype(np.float32), keypoints_visible=np.ones((1, 4)),
                    flip_indices=FLIP)
        for transform in transforms:
            item = transform(item)
        inputs.append(item['inputs'])
        samples.append(item['data_samples'])
    return dict(inputs=inputs, data_samples=samples)


def test_codec_there_and_back():
    codec = KEYPOINT_CODECS.build(CODEC)
    keypoints = np.array([[[0., 0., -1.], [32., 16., 0.], [63., 63., 0.9]]])
    encoded = codec.encode(keypoints, np.ones((1, 3)))
    np.testing.assert_allclose(encoded['keypoint_labels'], [[[0, 0, 0], [8, 4, 4], [15.75, 15.75, 7.6]]], rtol=1e-6)
    assert encoded['keypoint_weights'].tolist() == [[1, 1, 1]] and encoded['depth_weights'].tolist() == [1]
    decoded, scores = codec.decode(encoded['keypoint_labels'])
    np.testing.assert_allclose(decoded, keypoints, atol=1e-5)
    assert scores.shape == (1, 3)


@pytest.mark.parametrize('point', [(-1., 5., 0.), (64., 5., 0.), (5., 70., 0.), (5., 5., 1.1), (5., 5., -1.01)])
def test_joints_outside_the_heat_map_do_not_count(point):
    encoded = KEYPOINT_CODECS.build(CODEC).encode(np.array([[point, (5., 5., 0.)]]), np.ones((1, 2)))
    assert encoded['keypoint_weights'].tolist() == [[0, 1]]


def test_unseen_joints_do_not_count_and_two_dimensions_have_no_depth():
    encoded = KEYPOINT_CODECS.build(CODEC).encode(np.full((1, 2, 2), 5.), np.array([[0., 1.]]))
    assert encoded['keypoint_weights'].tolist() == [[0, 1]] and encoded['depth_weights'].tolist() == [0]
    assert encoded['keypoint_labels'][..., 2].tolist() == [[4, 4]]


def test_codec_refuses_sizes_of_another_length():
    with pytest.raises(ValueError, match='heatmap_size=\\(width, height, depth\\), got \\(64, 64\\) and \\(16, 16\\)'):
        KEYPOINT_CODECS.build({**CODEC, 'heatmap_size': (16, 16)})


def test_depths_go_through_mmposes_pipeline_untouched():
    label = batch(1)['data_samples'][0].gt_instance_labels
    wanted = np.random.default_rng(0).uniform(-0.5, 0.5, 4)
    np.testing.assert_allclose((label.keypoint_labels[0, :, 2] / 8 - 0.5) * 2, wanted, atol=1e-5)


@pytest.mark.parametrize('depths', [[0.] * 3, [0., 0., 0., float('nan')]])
def test_wrong_depths_are_refused(depths):
    load = TRANSFORMS.build(dict(type='cliff_ext.LoadJointDepths'))
    with pytest.raises(ValueError, match='annotation 7: joint_depths must be 4 finite numbers'):
        load(dict(id=7, keypoints=np.zeros((1, 4, 2)), raw_ann_info=dict(joint_depths=depths)))


def test_it_trains_for_an_iteration_and_learns_depths_only_where_known():
    torch.manual_seed(0)
    model = MODELS.build(MODEL)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = [value.clone() for value in model.head.final_layer.parameters()]
    data = model.data_preprocessor(batch(), True)
    loss = model(**data, mode='loss')['loss_kpt']
    loss.backward()
    optimizer.step()
    assert torch.isfinite(loss) and loss > 0
    assert all(not torch.equal(old, new) for old, new in zip(before, model.head.final_layer.parameters(), strict=True))
    flat = model.data_preprocessor(batch(depths=False), True)
    out = model(flat['inputs'], None, mode='tensor')
    errors = (out.coords[..., :2] - torch.cat([s.gt_instance_labels.keypoint_labels for s in flat['data_samples']])[..., :2])
    assert model(**flat, mode='loss')['loss_kpt'].item() == pytest.approx(errors.abs().sum(-1).mean().item() / 3, rel=1e-4)


def test_predictions_are_keypoints_of_the_full_image_and_depths_in_metres():
    model = MODELS.build({**MODEL, 'test_cfg': dict(flip_test=False)}).eval()
    model.head.forward = lambda feats: place([[4., 8., 2.]])
    data = model.data_preprocessor(batch(1))
    sample = model(**data, mode='predict')[0]
    assert isinstance(sample, PoseDataSample)
    center, size = sample.metainfo['input_center'], sample.metainfo['input_scale']
    np.testing.assert_allclose(sample.pred_instances.keypoints[0], np.tile(center + size * [-0.25, 0.], (4, 1)), rtol=1e-5)
    np.testing.assert_allclose(sample.pred_instances.keypoint_depths, np.full((1, 4), -0.5), atol=1e-6)
    assert sample.pred_instances.keypoint_scores.shape == (1, 4)


def test_flip_test_averages_with_the_mirrored_crop():
    model = MODELS.build({**MODEL, 'test_cfg': dict(flip_test=True)}).eval()
    answers = iter([place([[4., 8., 2.]]), place([[10., 8., 4.]])])
    model.head.forward = lambda feats: next(answers)
    sample = model(**model.data_preprocessor(batch(1)), mode='predict')[0]
    center, size = sample.metainfo['input_center'], sample.metainfo['input_scale']
    wanted = center + size * [(4. + 15. - 10.) / 32 - 0.5, 0.]
    np.testing.assert_allclose(sample.pred_instances.keypoints[0, 0], wanted, rtol=1e-5)
    assert sample.pred_instances.keypoint_depths[0, 0] == pytest.approx(-0.25)


def place(joint):
    from cliff_ext.models import PoseNetHeadOutput
    return PoseNetHeadOutput(torch.tensor([joint * 4]), torch.tensor([16., 16., 8.]))


def test_weights_of_our_posenet_fit():
    from cliff_ext.models import PoseNetHead
    ours = PoseNetHead(num_joints=4, in_channels=32, deconv_channels=(8, 8, 8), depth_bins=8)
    assert MODELS.build(HEAD).load_state_dict(ours.state_dict())


def test_a_codec_of_another_size_is_refused():
    head = MODELS.build({**HEAD, 'decoder': {**CODEC, 'heatmap_size': (16, 16, 64)}})
    with pytest.raises(ValueError, match=r'heat maps of \[16.0, 16.0, 8.0\] .* told \[16.0, 16.0, 64.0\]'):
        head([torch.zeros(1, 32, 2, 2)])


def test_a_forgotten_scope_is_named():
    with pytest.raises(KeyError, match="'cliff_ext.SoftArgmax3DLabel', and the config needs custom_imports"):
        MODELS.build({**HEAD, 'decoder': {**CODEC, 'type': 'SoftArgmax3DLabel'}})
