import logging

import cv2
import numpy as np
import pytest
import torch
from mmengine.dataset import default_collate
from torch.utils.data import DataLoader

from cliff_ext.body_models import SMPL
from cliff_ext.datasets import HumanMeshDataset
from cliff_ext.datasets.human_image import person_numbers
from cliff_ext.geometry import project_points, rotvec_to_rotmat
from cliff_ext.io import HumanData, MediaError, save_human_data
from cliff_ext.structures import HumanDataSample

PLAIN = [dict(type='LoadHumanImage'), dict(type='FullFrameCrop', output_size=(24, 32)), dict(type='PackHumanInputs')]
VARIED = [dict(type='LoadHumanImage'), dict(type='RandomFrameFlip'), dict(type='RandomFrameRotate', angle=30., prob=1.),
          dict(type='ExtremeCrop', prob=0.3), dict(type='RandomBoxScale', shift=0.1),
          dict(type='FullFrameCrop', output_size=(24, 32)), dict(type='PasteOccluder', prob=0.5),
          dict(type='ColorNoise'), dict(type='PackHumanInputs')]
COUNT, FOCAL = 4, 150.


@pytest.fixture(scope='module')
def body() -> SMPL:
    return SMPL()


@pytest.fixture
def people(body) -> HumanData:
    """Four bodies in two pictures of 160 x 120 pixels, exactly where their annotations say."""
    rng = np.random.default_rng(0)
    pose = rng.normal(0, 0.3, (COUNT, 24, 3)).astype(np.float32)
    betas, transl = rng.normal(0, 1, (COUNT, 10)).astype(np.float32), rng.normal(0, 0.3, (COUNT, 3)).astype(np.float32)
    transl[:, 2] += 5
    rotations = rotvec_to_rotmat(torch.from_numpy(pose))
    joints = body(rotations[:, 0], rotations[:, 1:], torch.from_numpy(betas), torch.from_numpy(transl)).joints.numpy()
    pixels = joints[..., :2] / joints[..., 2:] * FOCAL + [80, 60]
    ones = np.ones((COUNT, 49, 1))
    return HumanData(
        image_path=['a/0.png', 'a/1.png', 'a/0.png', 'a/1.png'], bbox=np.concatenate([pixels.min(1), pixels.max(1)], 1),
        dataset='toy', keypoints2d=np.concatenate([pixels, ones], 2), keypoints2d_skeleton='spin49',
        keypoints3d=np.concatenate([joints, ones], 2), keypoints3d_skeleton='spin49', global_orient=pose[:, 0],
        body_pose=pose[:, 1:], betas=betas, transl=transl, focal_length=np.full(COUNT, FOCAL),
        image_size=np.full((COUNT, 2), (160, 120)), sequence=['s'] * COUNT, frame_id=np.arange(COUNT))


@pytest.fixture
def build(tmp_path, people):
    """Writes pictures and annotations, and builds the data set."""
    (tmp_path / 'images' / 'a').mkdir(parents=True)
    for i in range(2):
        cv2.imwrite(str(tmp_path / 'images' / 'a' / f'{i}.png'), np.full((120, 160, 3), 50 + 100 * i, np.uint8))

    def make(data: HumanData = people, pipeline=PLAIN, eval_skeleton=None, **options) -> HumanMeshDataset:
        save_human_data(tmp_path / 'toy.npz', data)
        layout = dict(type='HumanDataLayout', file=str(tmp_path / 'toy.npz'), eval_skeleton=eval_skeleton)
        return HumanMeshDataset(layout, tmp_path / 'images', pipeline, **options)

    return make


def changed(people: HumanData, **columns) -> HumanData:
    return HumanData(**{**vars(people), **columns})


def test_a_sample_says_who_where_and_what_is_known(build, people):
    dataset = build(eval_skeleton='lsp14')
    item = dataset[2]
    sample, truth = item['data_samples'], item['data_samples'].gt_instances
    assert isinstance(sample, HumanDataSample) and item['inputs'].shape == (3, 32, 24) and item['inputs'].max() == 50
    assert sample.sample_id == 'a/0.png#1' and sample.dataset == 'toy' and sample.gender == 'neutral'
    assert sample.sequence == 's' and sample.frame_id == 2 and 'action' not in sample
    assert sample.focal_length == FOCAL and sample.image_size == (160, 120) and sample.eval_skeleton == 'lsp14'
    np.testing.assert_allclose(truth.keypoints2d[0], people.keypoints2d[2], rtol=1e-6)
    np.testing.assert_allclose(truth.keypoints3d_eval[0, 0], people.keypoints3d[2, 25], rtol=1e-6)
    np.testing.assert_allclose(truth.transl[0], people.transl[2])
    assert [truth[name].item() for name in ('has_smpl', 'has_betas', 'has_transl', 'has_keypoints3d')] == [1] * 4
    assert dataset.metainfo == dict(dataset='toy', skeleton='spin49', eval_skeleton='lsp14')


def test_the_body_projects_onto_the_keypoints_after_every_turn(build, body):
    turned = [step for step in VARIED if step['type'] != 'RandomFrameFlip']
    dataset = build(pipeline=turned, body_model=dict(type='SMPLBody'))
    for index in range(COUNT):
        sample = dataset[index]['data_samples']
        truth = sample.gt_instances
        joints = body(truth.global_orient, truth.body_pose, truth.betas, truth.transl).joints
        pixels = project_points(joints, torch.tensor([sample.focal_length]), torch.tensor(sample.image_size)[None] / 2)
        torch.testing.assert_close(pixels, truth.keypoints2d[..., :2], atol=2e-4, rtol=0)
        torch.testing.assert_close(joints, truth.keypoints3d[..., :3], atol=1e-5, rtol=0)


def test_a_mirrored_body_projects_next_to_the_keypoints(build, body):
    """Bodies are not exactly their own mirror image, so the shape parameters say the mirrored body to a few centimetres."""
    dataset = build(pipeline=[PLAIN[0], dict(type='RandomFrameFlip', prob=1.), *PLAIN[1:]], body_model=dict(type='SMPLBody'))
    for index in range(COUNT):
        truth = dataset[index]['data_samples'].gt_instances
        output = body(truth.global_orient, truth.body_pose, truth.betas, truth.transl)
        error = (output.joints - truth.keypoints3d[..., :3]).norm(dim=-1)
        assert error.max() < 0.06 and error.mean() < 0.02
        torch.testing.assert_close(output.smpl_joints[0, 0], truth.keypoints3d[0, 8, :3], atol=1e-5, rtol=0)


def test_unknown_truth_is_zeros_with_a_flag_and_batches_with_known_truth(build, people):
    known = np.array([True, False, True, False])
    data = changed(people, has_smpl=known, has_betas=known, has_transl=known, keypoints3d=None, keypoints3d_skeleton=None,
                   focal_length=np.where(known, FOCAL, np.nan))
    batch = default_collate([build(data)[i] for i in range(2)])
    known, unknown = (sample.gt_instances for sample in batch['data_samples'])
    assert unknown.has_smpl.item() == 0 and torch.equal(unknown.body_pose[0], torch.eye(3).expand(23, 3, 3))
    assert not unknown.betas.any() and not unknown.transl.any() and unknown.has_keypoints3d.item() == 0
    assert batch['data_samples'][1].focal_length == 200. and batch['data_samples'][0].focal_length == FOCAL
    assert known.cat([known, unknown]).body_pose.shape == (2, 23, 3, 3)


def test_turning_a_known_translation_needs_the_body_model(build):
    with pytest.raises(ValueError, match='give the data set body_model='):
        build(pipeline=VARIED)[0]


def test_pelvises_follow_the_gender(build, people, monkeypatch):
    built = []

    class Fake:
        def rest_pelvis(self, betas):
            return torch.full((len(betas), 3), float(len(built)))

    monkeypatch.setattr('cliff_ext.datasets.human_image.MODELS.build', lambda cfg: built.append(cfg['gender']) or Fake())
    dataset = build(changed(people, gender=['m', 'f', 'f', 'm']), body_model=dict(type='SMPLBody'))
    assert built == ['female', 'male']
    assert [dataset.get_data_info(i)['human'].pelvis[0] for i in range(COUNT)] == [2, 1, 1, 2]


def test_samples_do_not_share_memory_with_the_dataset(build):
    dataset = build()
    dataset[0]['data_samples'].gt_instances.keypoints2d.fill_(7)
    dataset.get_data_info(0)['bbox'][:] = 7
    assert dataset[0]['data_samples'].gt_instances.keypoints2d.max() > 7 and (dataset.get_data_info(0)['bbox'] != 7).all()


def test_augmentation_repeats_with_the_seed(build):
    dataset = build(pipeline=VARIED, body_model=dict(type='SMPLBody'))
    runs = []
    for seed in (0, 0, 1):
        np.random.seed(seed)
        runs.append(torch.cat([dataset[i]['data_samples'].gt_instances.keypoints2d for i in range(COUNT)]))
    assert torch.equal(runs[0], runs[1]) and not torch.equal(runs[0], runs[2])


def test_workers_draw_differently_and_anew_each_epoch(build):
    loader = DataLoader(build(pipeline=VARIED, body_model=dict(type='SMPLBody')), batch_size=1, num_workers=2,
                        collate_fn=lambda items: items[0]['data_samples'].gt_instances.keypoints2d)
    torch.manual_seed(0)
    first, second = list(loader), list(loader)
    torch.manual_seed(0)
    again = list(loader)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_missing_images_stop_or_are_listed_and_left_out(build, people, tmp_path, caplog):
    data = changed(people, image_path=['a/0.png', 'b/9.png', 'a/0.png', 'a/8.png'])
    with pytest.raises(FileNotFoundError, match="toy: 2 of 3 images are missing under .*: a/8.png, b/9.png\n.*'skip'"):
        build(data)
    with caplog.at_level(logging.WARNING):
        dataset = build(data, on_bad='skip')
    assert dataset.missing_images == ['a/8.png', 'b/9.png'] and dataset.left_out.tolist() == [1, 3]
    assert [dataset[i]['data_samples'].sample_id for i in range(len(dataset))] == ['a/0.png#0', 'a/0.png#1']
    with pytest.raises(ValueError, match='toy: none of 4 people is left'):
        build(changed(people, image_path=['b/9.png'] * 4), on_bad='skip')


BAD = {
    'a box that is not finite or has no area': dict(bbox=[3., 3., 3., 9.]),
    'keypoints that are not finite': dict(keypoints2d=np.full((49, 3), np.nan)),
    'SMPL parameters that are not finite': dict(betas=np.full(10, np.inf)),
    'a focal length that is not positive': dict(focal_length=0.),
    'a box outside of the image': dict(bbox=[200., 3., 220., 9.]),
    'no known keypoint and no SMPL pose': dict(has_smpl=False, keypoints2d=np.zeros((49, 3)), keypoints3d=np.zeros((49, 4))),
}


@pytest.mark.parametrize('reason', BAD)
def test_bad_annotations_stop_or_are_left_out_by_name(build, people, reason):
    columns = {name: np.array(getattr(people, name)) for name in BAD[reason]}
    for name, value in BAD[reason].items():
        columns[name][1] = value
    with pytest.raises(ValueError, match=rf'toy: 1 of 4 people cannot be used:\n  1 with {reason}: row 1 \(a/1.png\)'):
        build(changed(people, **columns))
    dataset = build(changed(people, **columns), on_bad='skip')
    assert dataset.left_out.tolist() == [1]
    assert [dataset[i]['data_samples'].sample_id for i in range(3)] == ['a/0.png#0', 'a/0.png#1', 'a/1.png#1']


def test_unknown_coordinates_may_be_anything(build, people):
    points = people.keypoints2d.copy()
    points[0, 5] = (np.nan, np.inf, 0)
    truth = build(changed(people, keypoints2d=points), pipeline=PLAIN)[0]['data_samples'].gt_instances
    assert truth.keypoints2d.isfinite().all() and truth.keypoints2d[0, 5, 2] == 0


def test_unreadable_and_resized_images_stop_or_give_way_to_others(build, people, tmp_path):
    resized = tmp_path / 'images' / 'a' / '1.png'
    cv2.imwrite(str(resized), np.zeros((60, 80, 3), np.uint8))
    with pytest.raises(MediaError, match='a/1.png: the image has 80 x 60 pixels, its annotation says 160 x 120'):
        build()[1]
    resized.write_bytes(b'no picture')
    with pytest.raises(MediaError, match='a/1.png: not a readable image'):
        build()[1]
    with pytest.raises(MediaError, match='a/1.png'):
        build(on_bad='skip', test_mode=True)[1]
    dataset = build(on_bad='skip')
    assert [dataset[1]['data_samples'].sample_id[:7] for _ in range(5)] == ['a/0.png'] * 5
    (tmp_path / 'images' / 'a' / '0.png').write_bytes(b'')
    with pytest.raises(MediaError, match='100 images in a row cannot be used, the last: .*not a readable image'):
        dataset[0]


def test_options_are_checked(build):
    with pytest.raises(ValueError, match="on_bad must be one of .*'raise', 'skip'.*, got 'ignore'"):
        build(on_bad='ignore')


def test_persons_are_counted_within_their_image():
    assert person_numbers(np.array(['b', 'a', 'b', 'b', 'a'])).tolist() == [0, 0, 1, 2, 1]
