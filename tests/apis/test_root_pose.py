"""RootNet and PoseNet through the whole chain. RootNet's tiny network takes the box's word for the depth (gamma is 1), and
PoseNet's sees every joint in the middle of its heat map, so that all results are known."""

import json

import av
import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from cliff_ext.apis import HumanMeshInferencer, OcclusionOrder, RootPoseEstimator, build_model
from cliff_ext.geometry import patch_bbox
from cliff_ext.io import load_tracks

NETWORK = '''
model = dict(type='{kind}',
    data_preprocessor=dict(type='mmengine.ImgDataPreprocessor', mean=[127.] * 3, std=[128.] * 3, bgr_to_rgb=True),
    backbone=dict(type='mmdet.ResNet', depth=18, base_channels=8, out_indices=(3, )),
    head=dict(type='{kind}Head', in_channels=64, deconv_channels=(8, 8){more}){skeleton})
test_pipeline = [dict(type='BoxToPatch'), dict(type='CropPatch', output_size=({side}, {side})), dict(type='PackPatchInputs')]
'''
SIZE, DIAGONAL = (96, 64), float(np.hypot(96, 64))


@pytest.fixture(scope='session')
def networks(tmp_path_factory):
    """Folder with configs and weights of a tiny RootNet and PoseNet."""
    folder = tmp_path_factory.mktemp('mppe')
    (folder / 'root.py').write_text(NETWORK.format(kind='RootNet', more='', skeleton='', side=64))
    (folder / 'pose.py').write_text(NETWORK.format(kind='PoseNet', more=', num_joints=17, depth_bins=8',
                                                   skeleton=", skeleton='h36m17'", side=64))
    (folder / 'large_root.py').write_text(NETWORK.format(kind='RootNet', more='', skeleton='', side=96))
    root, pose = build_model(folder / 'root.py'), build_model(folder / 'pose.py')
    for layer in (root.head.depth_layer, pose.head.final_layer):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    for name, gamma in (('behind', -1.), ('root', 1.)):
        root.head.depth_layer.bias.data.fill_(gamma)
        torch.save(dict(state_dict=root.state_dict()), folder / f'{name}.pth')
    torch.save(dict(state_dict=pose.state_dict()), folder / 'pose.pth')
    return folder


@pytest.fixture
def chain(networks, repo_root, tmp_path):
    """The demo of PoseNet with the tiny networks and boxes from a file."""

    def make(boxes: dict[int, list], root: str = 'root', **changes) -> Config:
        (tmp_path / 'boxes.json').write_text(json.dumps({str(k): v for k, v in boxes.items()}))
        cfg = Config.fromfile(repo_root / 'configs' / 'video' / 'demo_posenet.py')
        cfg.merge_from_dict({'estimator.root': network(networks, 'root', root), 'min_frames': 1,
                             'estimator.pose': network(networks, 'pose', 'pose'), 'estimator.batch_size': 3,
                             'estimator.order': None, **changes})
        cfg.detector = dict(type='BoxFile', file=str(tmp_path / 'boxes.json'))
        return cfg

    return make


def network(folder, config: str, weights: str) -> dict:
    return dict(config=str(folder / f'{config}.py'), checkpoint=str(folder / f'{weights}.pth'))


def expected(bbox, focal: float = DIAGONAL) -> np.ndarray:
    """Where every joint of a person in a box is: the middle of 8 places, 0.125 m before a root that the box places."""
    patch = patch_bbox(bbox, SIZE)
    z = 2 * focal / (patch[2] - patch[0]) + (3.5 / 8 - 0.5) * 2
    pixel = patch[:2] + 3.5 / 8 * (patch[2:] - patch[:2])
    return np.append((pixel - np.array(SIZE) / 2) / focal * z, z)


def test_people_in_metres_before_the_camera(make_clip, chain, walking, tmp_path):
    cfg = chain(walking, track_pipeline=[])
    result = HumanMeshInferencer(cfg)(make_clip(frames=8), tmp_path / 'out', ['overlay', 'side', 'top', 'boxes'],
                                      progress=False)
    assert not result.problems and [len(track) for track in result.tracks] == [8, 8]
    saved = load_tracks(tmp_path / 'out' / 'tracks.npz').tracks
    for person, track in enumerate(saved):
        assert track.keypoints3d.shape == (8, 17, 3) and track.keypoints3d_skeleton == 'h36m17' and track.transl is None
        wanted = np.array([expected(walking[t][person][:4]) for t in range(8)])
        assert np.allclose(track.keypoints3d, wanted[:, None], rtol=1e-4, atol=1e-4)
        assert np.allclose(track.focal_length, DIAGONAL)
    for kind in ('overlay', 'side', 'top', 'boxes'):
        with av.open(str(result.files[kind])) as video:
            assert video.streams.video[0].frames == 8
        assert cv2.imread(str(result.files[f'{kind}_png'])).shape == (64, 96, 3)


def test_a_known_focal_length_moves_people_away(make_clip, chain, walking):
    result = HumanMeshInferencer(chain(walking, track_pipeline=[], focal_length=300.))(make_clip(frames=2), progress=False)
    assert np.allclose(result.tracks[1].keypoints3d[1], expected(walking[1][1][:4], 300.), rtol=1e-4, atol=1e-4)


def test_gaps_are_filled_and_joints_refined_by_a_network(make_clip, chain, walking, tmp_path):
    (tmp_path / 'smoothnet.py').write_text("model = dict(type='SmoothNet', window_size=4)\n")
    torch.manual_seed(0)
    torch.save(dict(state_dict=build_model(tmp_path / 'smoothnet.py').state_dict()), tmp_path / 'smoothnet.pth')
    del walking[4][0]
    steps = [dict(type='Infill'), dict(type='LearnedRefine', model=str(tmp_path / 'smoothnet.py'),
                                       checkpoint=str(tmp_path / 'smoothnet.pth'), on='keypoints3d', path=None)]
    clip = make_clip(frames=8)
    rough = HumanMeshInferencer(chain(walking, track_pipeline=steps[:1]))(clip, progress=False).tracks[0]
    refined = HumanMeshInferencer(chain(walking, track_pipeline=steps))(clip, progress=False).tracks[0]
    assert len(rough) == len(refined) == 8 and rough.filled.tolist() == [t == 4 for t in range(8)]
    pelvis = (track.keypoints3d[:, 0] for track in (rough, refined))
    assert np.abs(np.subtract(*pelvis)).max() < 2. and np.isfinite(refined.keypoints3d).all()
    assert not np.allclose(rough.keypoints3d, refined.keypoints3d)


def test_a_root_behind_the_camera_is_skipped_and_named(make_clip, chain, walking):
    result = HumanMeshInferencer(chain(walking, root='behind'))(make_clip(frames=1), progress=False)
    assert result.tracks == []
    assert len(result.problems) == 2 and 'frame 0, person 0: RootNet put the root' in result.problems[0]


def test_images_and_nobody(chain, tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), np.full((64, 96, 3), 90, np.uint8))
    inferencer = HumanMeshInferencer(chain({0: [[10, 10, 40, 60]]}))
    result = inferencer(tmp_path / 'a.png', tmp_path / 'out', ['overlay', 'top'], progress=False)
    assert set(result.files) == {'tracks', 'overlay', 'top'} and len(result.tracks) == 1
    (tmp_path / 'boxes.json').write_text('{}')
    nobody = HumanMeshInferencer(chain({}))(tmp_path / 'a.png', tmp_path / 'none', ['overlay', 'side'], progress=False)
    assert nobody.tracks == [] and nobody.files['side'].is_dir()


def test_networks_with_patches_of_their_own(networks):
    image, box = np.full((64, 96, 3), 90, np.uint8), np.array([20., 5., 50., 60.])
    both = [RootPoseEstimator(network(networks, root, 'root'), network(networks, 'pose', 'pose'))
            for root in ('root', 'large_root')]
    crops = [estimator.crop(image, box, 100.) for estimator in both]
    assert crops[0]['root'] is crops[0]['pose'] and crops[1]['root']['inputs'].shape == (3, 96, 96)
    rows = [estimator.row(estimator([crop])[0]) for estimator, crop in zip(both, crops, strict=True)]
    assert np.allclose(rows[0]['keypoints3d'], rows[1]['keypoints3d'], atol=1e-4)


def test_people_of_one_picture_are_put_in_order(networks, monkeypatch):
    """Of two whose boxes are as large, the one who is hidden goes behind; of two pictures they never hide each other."""
    estimator = RootPoseEstimator(network(networks, 'root', 'root'), network(networks, 'pose', 'pose'))
    image, whole = np.full((64, 96, 3), 90, np.uint8), torch.ones(1, 2, 8, 8)
    boxes, masks = [[10., 5., 50., 60.], [30., 5., 70., 60.]], [whole, whole * torch.tensor([0.2, 1.])[None, :, None, None]]
    plain = estimator.root.test_step

    def with_masks(batch: dict) -> list:
        samples = plain(batch)
        for sample, mask in zip(samples, masks, strict=True):
            sample.pred_instances.masks = mask
        return samples

    def depths(*image_ids: int | None) -> list[float]:
        crops = [estimator.crop(image, np.array(box), 100., image_id)
                 for box, image_id in zip(boxes, image_ids, strict=True)]
        return [sample.root_depth for sample in estimator(crops)]

    found = depths(3, 3)
    assert found[0] == pytest.approx(found[1])
    monkeypatch.setattr(estimator.root, 'test_step', with_masks)
    estimator.order = OcclusionOrder()
    front, behind = depths(3, 3)
    assert front < 0.99 * found[0] and behind > 1.01 * found[0]
    for apart in ((3, 4), (None, None)):
        assert depths(*apart) == pytest.approx(found)


def test_people_of_one_picture_are_estimated_together_however_small_the_batches(make_clip, chain, monkeypatch):
    boxes = {frame: [[5. + 20 * i, 5., 35. + 20 * i, 60., 0.9] for i in range(count)]
             for frame, count in enumerate((1, 2, 3, 1))}
    plain, calls, passes = RootPoseEstimator.__call__, [], []

    def watched(estimator: RootPoseEstimator, crops: list[dict]) -> list:
        calls.append([crop['root']['data_samples'].image_id for crop in crops])
        step = estimator.pose.test_step
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(estimator.pose, 'test_step', lambda batch: passes.append(len(batch['inputs'])) or step(batch))
            return plain(estimator, crops)

    monkeypatch.setattr(RootPoseEstimator, '__call__', watched)
    HumanMeshInferencer(chain(boxes, track_pipeline=[], **{'estimator.batch_size': 2}))(make_clip(frames=4), progress=False)
    assert calls == [[0], [1, 1], [2, 2, 2], [3]] and passes == [1, 2, 2, 1, 1]


def test_mistakes_say_so(chain, networks, walking, make_clip, tmp_path):
    for wish in (dict(keypoints='none.json'), dict(fit=tmp_path / 'fit.py')):
        with pytest.raises(ValueError, match='a fit to keypoints moves SMPL bodies'):
            HumanMeshInferencer(chain({}), **wish)
    with pytest.raises(ValueError, match='estimator.root.checkpoint'):
        HumanMeshInferencer(chain({}), checkpoint='pose.pth')
    with pytest.raises(ValueError, match='must be of a RootNet.*has a PoseNet'):
        RootPoseEstimator(network(networks, 'pose', 'pose'), network(networks, 'pose', 'pose'))
    with pytest.raises(ValueError, match='estimator.order needs masks.*root.py has no mask_head'):
        HumanMeshInferencer(chain({}, **{'estimator.order': dict(type='OcclusionOrder')}))
    for size in (0, 2.5, 'x'):
        with pytest.raises(ValueError, match=f'estimator.batch_size must be a whole number from 1 on, got {size!r}'):
            HumanMeshInferencer(chain({}, **{'estimator.batch_size': size}))
    with pytest.raises(FileNotFoundError, match='nowhere.pth.*train_posenet'):
        HumanMeshInferencer(chain({}, **{'estimator.pose.checkpoint': 'nowhere.pth'}))
    with pytest.raises(ValueError, match='gives joints'):
        HumanMeshInferencer(chain(walking))(make_clip(frames=2), tmp_path / 'out', formats=['cliff'], progress=False)
