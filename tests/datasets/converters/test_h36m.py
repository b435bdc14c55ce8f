from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from cliff_ext.datasets.converters import BodyModels, Human36M
from cliff_ext.datasets.converters.base import SPIN49_OF
from cliff_ext.datasets.converters.h36m_mosh import recording_names

ORDER = [0, 4, 5, 6, 1, 2, 3, *range(7, 17)]
"""The release has the right leg first, the regressor the left one."""
SCENE = 's_09_act_02_subact_01_ca_0{}'


@pytest.fixture
def raw(tmp_path, scene, body) -> Path:
    """Subjects 9 and 11: three frames (0, 32, 64) of "Directions" under the first and the frontal camera."""
    world = np.einsum('tji,tkj->tki', scene.extrinsics[:, :3, :3],
                      body.h36m_joints(torch.tensor(scene.vertices, dtype=torch.float32)).double().numpy()
                      - scene.extrinsics[:, None, :3, 3])
    frames = (0, 32, 64)
    folder = tmp_path / 'annotations'
    folder.mkdir()
    for subject in (9, 11):
        images, notes = [], []
        for camera in (1, 4):
            for t, frame in enumerate(frames):
                number = len(images)
                images.append(dict(id=number, file_name=f'{SCENE.format(camera)}/{SCENE.format(camera)}_{frame + 1:06d}.jpg',
                                   width=scene.size[0], height=scene.size[1], subject=subject, action_idx=2, subaction_idx=1,
                                   cam_idx=camera, frame_idx=frame))
                low, high = scene.pixels[t].min(0), scene.pixels[t].max(0)
                notes.append(dict(id=number, image_id=number, bbox=[*low, *(high - low)]))
        view = dict(R=scene.extrinsics[0, :3, :3].tolist(), t=(1000 * scene.extrinsics[0, :3, 3]).tolist(),
                    f=[609.8, 610.2], c=[scene.size[0] / 2, scene.size[1] / 2])
        still = world[0][ORDER] * 1000  # the miniature's camera and person stand still, as Human3.6M's cameras do
        tree = {'2': {'1': {str(frame): still.tolist() for frame in frames}}}
        shape, trans = scene.betas.tolist(), scene.trans[0].tolist()
        turned = np.concatenate([scene.pose[0, :3] + [0, 3, 0], scene.pose[0, 3:]])
        smpl = {'2': {'1': {'0': dict(pose=scene.pose[0].tolist(), shape=shape, trans=trans),
                            '64': dict(pose=turned.tolist(), shape=shape, trans=trans)}}}
        for kind, content in (('data', dict(images=images, annotations=notes)), ('camera', {'1': view, '4': view}),
                              ('joint_3d', tree), ('smpl_param', smpl)):
            (folder / f'Human36M_subject{subject}_{kind}.json').write_text(json.dumps(content))
    return tmp_path


def rows_of(dataset: Human36M) -> list:
    return [row for step in dataset.steps() for row in dataset.rows(step)]


def test_joints_in_metres_of_the_camera(raw, scene, body):
    rows = rows_of(Human36M(raw, 'test', stride=32))
    assert len(rows) == 12
    row = rows[0]
    assert row.image_path == f'images/{SCENE.format(1)}/{SCENE.format(1)}_000001.jpg'
    assert row.action == 'Directions' and row.sequence == SCENE.format(1) and row.focal_length == 610
    truth = body.h36m_joints(torch.tensor(scene.vertices[:1], dtype=torch.float32))[0].numpy()[ORDER]
    np.testing.assert_allclose(row.keypoints3d[SPIN49_OF['h36m17'], :3], truth, atol=1e-4)
    pixels = truth[:, :2] / truth[:, 2:] * [609.8, 610.2] + np.array(scene.size) / 2
    np.testing.assert_allclose(row.keypoints2d[SPIN49_OF['h36m17'], :2], pixels, atol=0.02)
    assert (row.keypoints2d[:25, 2] == 0).all() and row.keypoints2d[:, 2].sum() == 17


def test_protocols_and_stride(raw):
    assert len(rows_of(Human36M(raw, 'test'))) == 8  # frames 0 and 64, two cameras, two subjects
    assert {row.sequence for row in rows_of(Human36M(raw, 'test', protocol=2))} == {SCENE.format(4)}
    with pytest.raises(ValueError, match='protocol'):
        Human36M(raw, protocol=3)
    with pytest.raises(FileNotFoundError, match='Human36M_subject1_data.json'):
        rows_of(Human36M(raw, 'train'))


def test_smpl_stands_where_the_camera_sees_it(raw, scene, check_body):
    dataset = Human36M(raw, 'test', stride=32, smpl='smpl_param', bodies=BodyModels('open'))
    rows = rows_of(dataset)
    check_body(rows[0], scene.vertices[0], atol=3e-4)
    assert rows[1].body_pose is None  # frame 32 has no parameters
    assert rows[2].body_pose is None  # frame 64's are turned round
    assert dataset.skipped['SMPL missing or turned otherwise than the joints (joints kept)'] == 8
    assert rows_of(Human36M(raw, 'test', smpl='smpl_param'))[0].transl is None


METADATA = '''<database><mapping>
<tr><td></td><td></td><td>S1</td><td>S9</td><td>S11</td></tr>
<tr><td>1</td><td>1</td><td>_ALL 1</td><td>_ALL 1</td><td>_ALL 1</td></tr>
<tr><td>2</td><td>1</td><td>Directions 1</td><td>Directions</td><td>Directions 1</td></tr>
</mapping></database>'''


def test_mosh_by_the_names_of_the_official_download(raw, scene, tmp_path):
    with pytest.raises(FileNotFoundError, match='metadata.xml'):
        Human36M(raw, 'test', mosh=tmp_path)
    (raw / 'metadata.xml').write_text(METADATA)
    assert recording_names(raw / 'metadata.xml')[9, 2, 1] == 'Directions'
    folder = tmp_path / 'mosh' / 'S9'
    folder.mkdir(parents=True)
    seen = Rotation.from_matrix(scene.extrinsics[0, :3, :3]) * Rotation.from_rotvec(scene.pose[0, :3])
    stored = np.concatenate([(seen * Rotation.from_rotvec([-np.pi, 0, 0])).as_rotvec(), scene.pose[0, 3:]])
    content = dict(new_poses=np.tile(stored, (7, 1)), betas=scene.betas)
    (folder / 'Directions_cam3_aligned.pkl').write_bytes(pickle.dumps(content, protocol=2))
    dataset = Human36M(raw, 'test', stride=32, mosh=tmp_path / 'mosh')
    rows = [row for row in dataset.rows(9) if row.body_pose is not None]
    assert [(row.sequence, row.frame_id) for row in rows] == [(SCENE.format(4), 0), (SCENE.format(4), 32)]
    np.testing.assert_allclose(Rotation.from_rotvec(rows[0].global_orient).as_matrix(), seen.as_matrix(), atol=1e-5)
    np.testing.assert_allclose(rows[0].body_pose, scene.pose[0, 3:].reshape(23, 3), atol=1e-6)
    with pytest.raises(ValueError, match='not from both'):
        Human36M(raw, smpl='smpl_param', mosh=tmp_path)


def test_the_miniature_trains_and_is_scored(raw, train_and_evaluate):
    dataset = Human36M(raw, 'test', smpl='smpl_param', bodies=BodyModels('open'))
    assert train_and_evaluate(dataset, 'test_h36m_p2.py')['mpjpe'] > 1
