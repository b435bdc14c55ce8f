from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from cliff_ext.datasets.converters import EMDB, BodyModels
from cliff_ext.structures import SPIN49_FROM_SMPL54


@pytest.fixture
def raw(tmp_path, scene) -> Path:
    """A sequence of EMDB 1 whose middle frame is not good, and one that is not of EMDB 1."""
    frames = len(scene.pose)
    for name, first in (('09_outdoor_walk', True), ('10_indoor', False)):
        folder = tmp_path / 'P1' / name
        folder.mkdir(parents=True)
        boxes = np.concatenate([scene.pixels.min(1), scene.pixels.max(1)], -1)
        seen24 = np.einsum('tij,tkj->tki', scene.extrinsics[:, :3, :3], scene.joints24) + scene.extrinsics[:, None, :3, 3]
        points = seen24 @ scene.intrinsics.T
        content = dict(
            gender='female', name=f'P1_{name}', emdb1=first, emdb2=not first, n_frames=frames,
            good_frames_mask=np.array([True, False, True]),
            camera=dict(intrinsics=scene.intrinsics, extrinsics=scene.extrinsics, width=scene.size[0], height=scene.size[1]),
            smpl=dict(poses_root=scene.pose[:, :3], poses_body=scene.pose[:, 3:], trans=scene.trans, betas=scene.betas),
            kp2d=points[..., :2] / points[..., 2:], bboxes=dict(bboxes=boxes, invalid_idxs=np.array([1])))
        (folder / f'P1_{name}_data.pkl').write_bytes(pickle.dumps(content))
    return tmp_path


def rows_of(dataset: EMDB) -> list:
    return [row for step in dataset.steps() for row in dataset.rows(step)]


def test_smpl_stands_where_the_camera_sees_it(raw, scene, check_body):
    dataset = EMDB(raw, bodies=BodyModels('open'))
    rows = rows_of(dataset)
    assert [row.image_path for row in rows] == [f'P1/09_outdoor_walk/images/{i:05d}.jpg' for i in (0, 2)]
    assert dataset.skipped['frame or box marked as not good'] == 1
    for row, frame in zip(rows, (0, 2), strict=True):
        check_body(row, scene.vertices[frame])
        np.testing.assert_allclose(row.keypoints2d[:, :2], scene.pixels[frame], atol=0.05)
        np.testing.assert_allclose(row.keypoints3d[:, :3], scene.seen[frame], atol=1e-3)
    assert rows[0].gender == 'female' and rows[0].sequence == 'P1_09_outdoor_walk'


def test_without_a_body_model_there_is_no_translation(raw, scene):
    row = rows_of(EMDB(raw))[0]
    assert row.transl is None and row.keypoints3d is None
    known = SPIN49_FROM_SMPL54 < 24
    np.testing.assert_allclose(row.keypoints2d[known, :2], scene.pixels[0, known], atol=0.05)


def test_splits(raw, tmp_path):
    assert len(rows_of(EMDB(raw, 'emdb2'))) == 2 and len(rows_of(EMDB(raw, 'all'))) == 4
    with pytest.raises(ValueError, match='emdb1'):
        EMDB(raw, 'test')
    with pytest.raises(FileNotFoundError, match='P0'):
        EMDB(tmp_path / 'P1').steps()


def test_the_miniature_trains_and_is_scored(raw, train_and_evaluate):
    assert train_and_evaluate(EMDB(raw, bodies=BodyModels('open')), 'test_emdb.py')['mpjae'] > 1


def test_what_a_file_lacks_is_named(raw):
    path = next(raw.glob('P1/09*/*.pkl'))
    content = pickle.loads(path.read_bytes())
    del content['good_frames_mask']
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match='09_outdoor_walk_data.pkl.*good_frames_mask'):
        rows_of(EMDB(raw))
