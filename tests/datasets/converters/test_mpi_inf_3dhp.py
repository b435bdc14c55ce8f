from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io

from cliff_ext.datasets.converters import MPIINF3DHP
from cliff_ext.datasets.converters.base import SPIN49_OF
from cliff_ext.io import VideoWriter

CALIBRATION = '''Skeletool Camera Calibration File V1.0
''' + ''.join(f'''name          {i}
  sensor      10 10
  size        2048 2048
  animated    0
  intrinsic   {1500 + i} 0 1024 0 0 {1510 + i} 1024 0 0 0 1 0 0 0 0 1
  extrinsic   1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1
  radial      0
''' for i in range(14))


def cell(arrays: list[np.ndarray]) -> np.ndarray:
    """Matlab's cell array (N, 1)."""
    cells = np.empty((len(arrays), 1), object)
    for i, array in enumerate(arrays):
        cells[i, 0] = array
    return cells


@pytest.fixture
def truth() -> tuple[np.ndarray, np.ndarray]:
    """Pixels (12, 28, 2) and millimetres (12, 28, 3); in frame 10 a joint is outside the image."""
    rng = np.random.default_rng(1)
    points, joints = rng.uniform(400, 1500, (12, 28, 2)), rng.normal(0, 300, (12, 28, 3)) + [0, 0, 3500]
    points[10, 4] = [2100, 900]
    return points, joints


@pytest.fixture
def raw(tmp_path, truth) -> Path:
    folder = tmp_path / 'S1' / 'Seq1'
    folder.mkdir(parents=True)
    points, joints = truth
    scipy.io.savemat(folder / 'annot.mat', dict(annot2=cell([points.reshape(12, 56) + v for v in range(14)]),
                                                annot3=cell([joints.reshape(12, 84)] * 14)))
    (folder / 'camera.calibration').write_text(CALIBRATION)
    return tmp_path


def rows_of(dataset: MPIINF3DHP) -> list:
    return [row for step in dataset.steps() for row in dataset.rows(step)]


def test_training_frames(raw, truth):
    dataset = MPIINF3DHP(raw, stride=5)
    rows = rows_of(dataset)
    assert len(rows) == 8 * 2 and dataset.skipped['a joint outside the image'] == 8
    row = rows[3]
    assert row.image_path == 'S1/Seq1/imageFrames/video_1/frame_000006.jpg' and row.focal_length == 1506
    left_ankle = 20
    slot = SPIN49_OF['mpi3dhp28'][left_ankle]
    np.testing.assert_allclose(row.keypoints2d[slot], [*(truth[0][5, left_ankle] + 1), 1], rtol=1e-6)
    np.testing.assert_allclose(row.keypoints3d[slot], [*(truth[1][5, left_ankle] / 1000), 1], rtol=1e-5)
    assert row.keypoints3d[:, 3].sum() == 17


def test_frames_are_taken_out_of_the_videos(raw, tmp_path):
    folder = raw / 'S1' / 'Seq1'
    (folder / 'imageSequence').mkdir()
    for video in range(9):
        with VideoWriter(tmp_path / 'clip.mp4', 25) as writer:
            for t in range(12):
                writer.write(np.full((64, 64, 3), 15 * t, np.uint8))
        (tmp_path / 'clip.mp4').rename(folder / 'imageSequence' / f'video_{video}.avi')
    rows = rows_of(MPIINF3DHP(raw, stride=5, extract=True))
    for row in rows:
        assert abs(int(cv2.imread(str(raw / row.image_path))[32, 32, 0]) - 15 * row.frame_id) < 8
    assert not list(folder.glob('imageFrames/*/frame_000002.jpg'))
    (folder / 'imageSequence' / 'video_0.avi').unlink()
    (folder / 'imageFrames' / 'video_0' / 'frame_000001.jpg').unlink()
    with pytest.raises(FileNotFoundError, match='video_0.avi'):
        rows_of(MPIINF3DHP(raw, stride=5, extract=True))


def test_test_set(tmp_path):
    h5py = pytest.importorskip('h5py')
    rng = np.random.default_rng(2)
    points, joints = rng.uniform(300, 800, (4, 1, 17, 2)), rng.normal(0, 300, (4, 1, 17, 3))
    for name in ('TS1', 'TS6'):
        folder = tmp_path / 'mpi_inf_3dhp_test_set' / name
        folder.mkdir(parents=True)
        with h5py.File(folder / 'annot_data.mat', 'w') as file:
            file.update(annot2=points, univ_annot3=joints, valid_frame=np.array([[1.], [0], [1], [1]]),
                        activity_annotation=np.array([[1.], [1], [3], [6]]))
    dataset = MPIINF3DHP(tmp_path, 'test')
    rows = rows_of(dataset)
    assert len(rows) == 6 and dataset.skipped['frame marked as not valid'] == 2
    assert rows[1].image_path == 'mpi_inf_3dhp_test_set/TS1/imageSequence/img_000003.jpg'
    assert [row.action for row in rows[:3]] == ['Standing/Walking', 'Sitting', 'Sports']
    assert rows[0].image_size == (2048, 2048) and rows[3].image_size == (1920, 1080)
    np.testing.assert_allclose(rows[1].keypoints3d[SPIN49_OF['mpi3dhp17'], :3], joints[2, 0] / 1000, rtol=1e-5)


def test_missing_parts_are_named(raw, tmp_path):
    (raw / 'S1' / 'Seq1' / 'camera.calibration').unlink()
    with pytest.raises(FileNotFoundError, match='camera.calibration'):
        rows_of(MPIINF3DHP(raw))
    with pytest.raises(FileNotFoundError, match='annot_data.mat'):
        MPIINF3DHP(tmp_path, 'test').steps()
    with pytest.raises(ValueError, match='train'):
        MPIINF3DHP(tmp_path, 'val')


def test_the_miniature_trains_and_is_scored(raw, train_and_evaluate):
    assert train_and_evaluate(MPIINF3DHP(raw, stride=9), 'test_mpi_inf_3dhp.py')['pa_mpjpe'] > 1
