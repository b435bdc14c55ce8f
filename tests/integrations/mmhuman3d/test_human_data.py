"""HumanData files both ways, with mmhuman3d's own class."""

import numpy as np
import pytest

pytest.importorskip('mmhuman3d', reason='needs mmhuman3d 0.11: projects/mmhuman3d/setup_env.sh')
import cliff_ext.integrations.mmhuman3d  # noqa: F401  before mmhuman3d

# isort: split
from mmhuman3d.core.conventions.keypoints_mapping import convert_kps
from mmhuman3d.data.data_structures.human_data import HumanData as Theirs

from cliff_ext.io import HumanData, load_human_data, save_human_data
from cliff_ext.structures import get_skeleton

SKELETON = dict(coco17='coco', spin49='smpl_49')
"""Ours, and what mmhuman3d calls it."""


def make(skeleton='coco17', count=3):
    rng = np.random.default_rng(0)
    joints = len(get_skeleton(skeleton))
    return HumanData(
        image_path=[f'a/{i:03d}.jpg' for i in range(count)], bbox=np.tile([1., 2., 30., 40.], (count, 1)), dataset='toy',
        scores=rng.random(count), keypoints2d=rng.random((count, joints, 3)), keypoints2d_skeleton=skeleton,
        keypoints3d=rng.random((count, joints, 4)), keypoints3d_skeleton=skeleton, global_orient=rng.random((count, 3)),
        body_pose=rng.random((count, 23, 3)), betas=rng.random((count, 10)), transl=rng.random((count, 3)),
        focal_length=np.full(count, 500.), image_size=np.full((count, 2), (640, 480)), gender=['male'] * count,
        sequence=['walk'] * count, frame_id=np.arange(count))


@pytest.mark.parametrize('skeleton', SKELETON)
def test_mmhuman3d_reads_what_we_write(tmp_path, skeleton):
    data = make(skeleton)
    save_human_data(tmp_path / 'a.npz', data)
    read = Theirs.fromfile(str(tmp_path / 'a.npz'))
    assert read.data_len == 3 and read.check_keypoints_compressed() and not read.get_key_strict()
    assert [key for key in read if key.startswith('__')] == []
    assert read['image_path'] == data.image_path.tolist() and read['config'] == 'toy'
    np.testing.assert_allclose(read['bbox_xywh'][:, :4], [[1, 2, 29, 38]] * 3)
    np.testing.assert_allclose(read['bbox_xywh'][:, 4], data.scores, rtol=1e-6)
    for name in ('global_orient', 'body_pose', 'betas', 'transl'):
        np.testing.assert_allclose(read['smpl'][name], getattr(data, name), rtol=1e-6)
    assert read['meta']['gender'].tolist() == ['m'] * 3 and read['meta']['width'].tolist() == [640] * 3
    read.decompress_keypoints()
    for name in ('keypoints2d', 'keypoints3d'):
        points, mask = convert_kps(read[name], src='human_data', dst=SKELETON[skeleton], mask=read[f'{name}_mask'])
        known = mask > 0
        assert known.sum() >= 17
        np.testing.assert_allclose(points[:, known], getattr(data, name)[:, known], atol=1e-6)


def test_we_read_what_mmhuman3d_writes(tmp_path):
    rng = np.random.default_rng(0)
    points, mask = convert_kps(rng.random((2, 17, 3)) + 0.1, src='coco', dst='human_data')
    theirs = Theirs.new(source_dict=dict(
        image_path=['a.jpg', 'b.jpg'], bbox_xywh=np.array([[1, 2, 3, 4, 0.5]] * 2), config='coco',
        smpl=dict(body_pose=rng.random((2, 23, 3)), global_orient=rng.random((2, 3)), betas=rng.random((2, 10))),
        meta=dict(gender=['m', 'f'])))
    theirs['keypoints2d_mask'], theirs['keypoints2d'] = mask, points
    theirs['keypoints2d_convention'] = 'human_data'
    for compressed in (False, True):
        if compressed:
            theirs.compress_keypoints_by_mask()
        theirs.dump(str(tmp_path / 'a.npz'))
        read = load_human_data(tmp_path / 'a.npz', 'coco17')
        np.testing.assert_allclose(read.keypoints2d, convert_kps(points, src='human_data', dst='coco')[0], atol=1e-6)
        np.testing.assert_allclose(read.body_pose, theirs['smpl']['body_pose'], atol=1e-6)
        assert read.bbox.tolist() == [[1, 2, 4, 6]] * 2 and read.scores.tolist() == [0.5] * 2
        assert read.gender.tolist() == ['male', 'female'] and read.dataset == 'coco'


def test_a_round_trip_through_mmhuman3d_changes_nothing(tmp_path):
    data = make()
    save_human_data(tmp_path / 'a.npz', data)
    Theirs.fromfile(str(tmp_path / 'a.npz')).dump(str(tmp_path / 'b.npz'))
    read = load_human_data(tmp_path / 'b.npz', 'coco17')
    for name in ('bbox', 'scores', 'keypoints2d', 'global_orient', 'body_pose', 'betas', 'transl', 'focal_length',
                 'image_size', 'frame_id'):
        np.testing.assert_allclose(getattr(read, name), getattr(data, name), rtol=1e-6, err_msg=name)
    for name in ('image_path', 'gender', 'sequence', 'has_smpl', 'has_transl'):
        assert getattr(read, name).tolist() == getattr(data, name).tolist(), name
