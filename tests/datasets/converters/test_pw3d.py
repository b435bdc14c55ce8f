from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from cliff_ext.datasets.converters import PW3D, BodyModels
from cliff_ext.structures import SPIN49_FROM_SMPL54


@pytest.fixture
def raw(tmp_path, scene) -> Path:
    """Two actors, the second with a frame whose camera was not aligned."""
    frames = len(scene.pose)
    folder = tmp_path / 'sequenceFiles' / 'train'
    folder.mkdir(parents=True)
    content = dict(
        sequence='courtyard_arguing_00', poses=[scene.pose, scene.pose], trans=[scene.trans, scene.trans],
        betas=[np.concatenate([scene.betas, np.zeros(290)]), scene.betas], genders=['m', 'f'],
        jointPositions=[scene.joints24.reshape(frames, 72)] * 2, cam_poses=scene.extrinsics,
        cam_intrinsics=scene.intrinsics, campose_valid=[np.ones(frames, int), np.array([1, 0, 1])],
        poses2d=[np.zeros((frames, 3, 18))] * 2)
    with (folder / 'courtyard_arguing_00.pkl').open('wb') as file:
        pickle.dump(content, file, protocol=2)
    return tmp_path


def test_smpl_stands_where_the_camera_sees_it(raw, scene, check_body):
    dataset = PW3D(raw)
    rows = list(dataset.rows(dataset.steps()[0]))
    names = [f'imageFiles/courtyard_arguing_00/image_{i:05d}.jpg' for i in (0, 1, 2, 0, 2)]
    assert [row.image_path for row in rows] == names
    assert [row.sequence[-1] for row in rows] == ['0', '0', '0', '1', '1']
    assert {row.gender for row in rows[:3]} == {'male'} and rows[3].gender == 'female'
    assert dataset.skipped['camera not aligned'] == 1
    assert rows[0].image_size == scene.size and rows[0].focal_length == 610
    for row, frame in zip(rows, (0, 1, 2, 0, 2), strict=True):
        check_body(row, scene.vertices[frame])


def test_joints_of_the_file_fill_the_slots_that_are_smpls_own(raw, scene):
    dataset = PW3D(raw)
    row = next(dataset.rows(dataset.steps()[0]))
    known = row.keypoints2d[:, 2] > 0
    np.testing.assert_array_equal(known, SPIN49_FROM_SMPL54 < 24)
    np.testing.assert_allclose(row.keypoints2d[known, :2], scene.pixels[0, known], atol=0.05)
    np.testing.assert_allclose(row.keypoints3d[known, :3], scene.seen[0, known], atol=1e-3)
    assert (row.bbox[:2] < scene.pixels[0, known].min(0)).all() and (row.bbox[2:] > scene.pixels[0, known].max(0)).all()


def test_a_body_model_gives_all_joints(raw, scene):
    dataset = PW3D(raw, bodies=BodyModels('open'))
    row = next(dataset.rows(dataset.steps()[0]))
    np.testing.assert_allclose(row.keypoints2d, np.concatenate([scene.pixels[0], np.ones((49, 1))], 1), atol=0.05)


def test_a_row_that_is_not_finite_is_left_out_and_counted(raw):
    path = raw / 'sequenceFiles' / 'train' / 'courtyard_arguing_00.pkl'
    content = pickle.loads(path.read_bytes())
    content['trans'][0][1] = np.nan
    path.write_bytes(pickle.dumps(content, protocol=2))
    dataset = PW3D(raw)
    assert len(list(dataset.rows(path))) == 4
    assert dataset.skipped['numbers that are not finite'] == 1


def test_missing_files_and_splits_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='sequenceFiles.zip'):
        PW3D(tmp_path).steps()
    with pytest.raises(FileNotFoundError, match='nowhere'):
        PW3D(tmp_path / 'nowhere')
    with pytest.raises(ValueError, match='validation'):
        PW3D(tmp_path, 'val')
    (tmp_path / 'sequenceFiles' / 'test').mkdir(parents=True)
    other = tmp_path / 'sequenceFiles' / 'test' / 'a.pkl'
    other.write_bytes(pickle.dumps(dict(sequence='a')))
    with pytest.raises(ValueError, match='no poses, trans'):
        list(PW3D(tmp_path, 'test').rows(other))


def test_the_miniature_trains_and_is_scored(raw, train_and_evaluate):
    assert train_and_evaluate(PW3D(raw), 'test_3dpw.py')['mpjpe'] > 1
