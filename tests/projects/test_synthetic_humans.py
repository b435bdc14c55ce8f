"""The recipe of the shipped networks: motions read, crops and labels that move together, losses, warm start."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

PROJECT = Path(__file__).parents[2] / 'projects/synthetic_humans'
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

from crops import Crops, _mirror  # noqa: E402
from motions import load_motions, read_bvh  # noqa: E402
from poses import PoseSource, even_chances, random_arm  # noqa: E402
from scene import boxes_of, random_scene, surface_of  # noqa: E402
from training import MovingAverage, learning_rate, save_half  # noqa: E402

from cliff_ext.body_models import OPEN_BODY, SMPL, SMPLJoints  # noqa: E402
from cliff_ext.geometry import project_points  # noqa: E402

BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
  JOINT LeftUpLeg
  {
    OFFSET 4 0 0
    CHANNELS 3 Zrotation Yrotation Xrotation
    End Site
    {
      OFFSET 0 -16 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.0083333
0 18 0 0 0 0 0 0 0
0 18 0 0 90 0 0 0 -30
"""


@pytest.fixture(scope='module')
def body() -> SMPL:
    return SMPL()


@pytest.fixture(scope='module')
def scene(body: SMPL) -> dict:
    with np.load(OPEN_BODY) as arrays:
        region, rest = arrays['vertex_region'], arrays['v_template']
    regions = json.loads(OPEN_BODY.with_suffix('.json').read_text())['regions']
    pose = np.tile(np.eye(3), (1, 24, 1, 1))
    pose[:, 0] = Rotation.from_euler('x', 90, degrees=True).as_matrix()
    return random_scene(np.random.default_rng(3), body, region, regions, rest, PoseSource(pose))


def test_bvh_turns_into_a_z_up_world(tmp_path: Path) -> None:
    file = tmp_path / 'walk.bvh'
    file.write_text(BVH)
    motion = read_bvh(file)
    assert motion.fps == pytest.approx(120, abs=0.01)
    np.testing.assert_allclose(motion.rotmats[0, 0] @ [0, 1, 0], [0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(motion.rotmats[1, 0] @ [0, 0, 1], [1, 0, 0], atol=1e-6)
    leg = Rotation.from_matrix(motion.rotmats[1, 1]).as_euler('xyz', degrees=True)
    np.testing.assert_allclose(leg, [-30, 0, 0], atol=1e-4)
    np.testing.assert_allclose(motion.root[0], [0, 0, 18 * 0.0254 * 2.2], atol=1e-5)


def test_amass_and_archives_are_read(tmp_path: Path) -> None:
    poses = np.zeros((5, 156))
    poses[:, 3] = 0.4
    np.savez(tmp_path / 'a.npz', poses=poses, trans=np.ones((5, 3)), mocap_framerate=60.)
    np.savez(tmp_path / 'b.npz', smpl_pose=np.zeros((4, 72)), root_trans=np.zeros((4, 3)), offsets=np.array([0, 1, 4]),
             names=np.array(['x', 'y']), fps=30)
    motions = load_motions(tmp_path)
    assert [(m.name, len(m.rotmats), m.fps) for m in motions] == [('a', 5, 60.), ('x', 1, 30.), ('y', 3, 30.)]
    np.testing.assert_allclose(Rotation.from_matrix(motions[0].rotmats[0, 1]).as_rotvec(), [0.4, 0, 0], atol=1e-6)


def test_what_is_no_motion_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / 'c.npz', other=np.zeros(3))
    with pytest.raises(ValueError, match='smpl_pose and offsets'):
        load_motions(tmp_path / 'c.npz')
    (tmp_path / 'd.bvh').write_text('nothing')
    with pytest.raises(ValueError, match='HIERARCHY'):
        load_motions(tmp_path / 'd.bvh')
    with pytest.raises(FileNotFoundError, match='gone'):
        load_motions(tmp_path / 'gone.npz')


def test_a_scene_shows_its_people_where_the_labels_say(scene: dict) -> None:
    width, height = scene['size']
    assert scene['image'].shape == (height, width, 3)
    assert scene['image'].dtype == np.uint8
    assert (scene['global_orient'][:, 1, 1] < -0.7).all()
    focal = torch.full((len(scene['joints']), ), float(scene['focal']))
    joints = torch.from_numpy(scene['joints']).float()
    points = project_points(joints, focal, torch.tensor([[width / 2, height / 2]]).expand(len(joints), 2)).numpy()
    low, high = np.clip(points.min(1), 0, scene['size']), np.clip(points.max(1), 0, scene['size'])
    assert (scene['bbox'][:, :2] <= low + 1).all()
    assert (scene['bbox'][:, 2:] >= high - 1).all()


def test_the_surface_of_a_scene_lies_where_its_vertices_do(scene: dict, body: SMPL) -> None:
    seen = scene['surface'].astype(int)
    cells = np.argwhere(seen)
    assert len(cells) > 50
    person, vertex = np.divmod(seen[seen > 0] - 1, len(body.body.v_template))
    params = ('global_orient', 'body_pose', 'betas', 'transl')
    tensors = [torch.as_tensor(scene[name], dtype=torch.float32) for name in params]
    with torch.no_grad():
        points = body(*tensors).vertices.numpy()[person, vertex]
    places = points[:, :2] / points[:, 2:] * scene['focal'] + np.array(scene['size']) / 2
    off = np.linalg.norm(places - (2 * cells[:, ::-1] + 0.5), axis=1)
    assert np.median(off) < 3 and np.quantile(off, 0.99) < 12, 'a vertex of the face under the pixel'


def test_surfaces_count_only_the_people_that_are_kept() -> None:
    everybody = np.array([[0, 1, 10], [11, 20, 25]])  # three people of ten vertices
    np.testing.assert_array_equal(surface_of(everybody, np.array([1, 2]), 10), [[0, 0, 0], [1, 10, 15]])
    np.testing.assert_array_equal(surface_of(everybody, np.array([0, 2]), 10), [[0, 1, 10], [0, 0, 15]])
    assert surface_of(everybody, np.array([], int), 10).max() == 0


def test_boxes_are_cut_to_the_frame() -> None:
    vertices = np.array([[[-5., 0, 2], [0.1, 0.1, 2], [0.1, 0.4, 2]]])
    box, visible = boxes_of(vertices, np.full((80, 60), -1), 100., (60, 80))
    np.testing.assert_allclose(box, [[0, 40, 35, 60]], atol=1e-6)
    assert visible == 0


def test_mirrored_labels_stay_on_the_mirrored_picture(body: SMPL) -> None:
    rotvecs = np.random.default_rng(5).normal(size=(2 * 24, 3)) * 0.3
    pose = torch.from_numpy(Rotation.from_rotvec(rotvecs).as_matrix()).float().view(2, 24, 3, 3)
    batch = dict(crops=torch.arange(12.).view(1, 1, 3, 4).expand(2, 3, 3, 4), center=torch.tensor([[30., 40.], [30., 40.]]),
                 size=torch.tensor([[100., 80.], [100., 80.]]), global_orient=pose[:, 0], body_pose=pose[:, 1:],
                 transl=torch.tensor([[0.5, 0, 4], [0.5, 0, 4]]), betas=torch.zeros(2, 10))
    out = _mirror(batch, torch.tensor([True, False]))
    assert out['center'].tolist() == [[70, 40], [30, 40]]
    assert out['crops'][0, 0, 0].tolist() == [3, 2, 1, 0]
    assert out['crops'][1, 0, 0].tolist() == [0, 1, 2, 3]
    before, after = (
        SMPLJoints(body, ()).bones(torch.cat([people['global_orient'][:, None], people['body_pose']], 1), people['betas'])[1]
        + people['transl'][:, None] for people in (batch, out))
    torch.testing.assert_close(after[1], before[1])
    swap = [0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20, 23, 22]
    torch.testing.assert_close(after[0, :, 0], -before[0, swap, 0], atol=0.02, rtol=0)
    torch.testing.assert_close(after[0, :, 1:], before[0, swap, 1:], atol=0.02, rtol=0)


def test_a_moved_box_moves_the_crop(tmp_path: Path) -> None:
    crops = np.zeros((1, 192, 144, 3), np.uint8)
    crops[:, 90:102, 66:78] = 255
    eye = np.tile(np.eye(3, dtype=np.float32), (1, 24, 1, 1))
    np.savez(tmp_path / 'shard_0000.npz', crops=crops, center=np.array([[50., 60.]]), scale=np.array([0.5]),
             size=np.array([[100, 120]]), focal=np.array([156.]), global_orient=eye[:, 0], body_pose=eye[:, 1:],
             betas=np.zeros((1, 10)), transl=np.array([[0., 0., 4.]]))
    data = Crops(tmp_path)
    still = data.batch(np.array([0]), None)
    light = (still['crops'][0, 0] > 128).nonzero().float().mean(0)
    torch.testing.assert_close(light, torch.tensor([63.5, 47.5]), atol=0.1, rtol=0)
    for seed in range(6):
        moved = data.batch(np.array([0]), np.random.default_rng(seed))
        offset = (moved['center'][0] - torch.tensor([50., 60.])) / (moved['scale'][0] * 200)
        assert offset.abs().max() < 0.6
        assert 0.35 < float(moved['scale'][0]) < 0.7


def test_no_shards_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='generate.py'):
        Crops(tmp_path)


def test_mixed_poses_take_limbs_from_other_moments() -> None:
    poses = np.tile(np.eye(3), (2, 24, 1, 1))
    poses[1, 1:] = Rotation.from_euler('x', 90, degrees=True).as_matrix()
    rng = np.random.default_rng(0)
    assert set(np.abs(PoseSource(poses).draw(rng, 20) - np.eye(3)).max((1, 2, 3)) > 0.5) == {False, True}
    source = PoseSource(poses, 1.)
    mixed = np.stack([source.mix(rng, poses[0]) for _ in range(300)])
    angle = np.degrees(Rotation.from_matrix(mixed.reshape(-1, 3, 3)).magnitude().reshape(300, 24))
    assert (angle[:, 0] == 0).all(), 'the body keeps its orientation'
    assert angle[:, [12, 15]].max() < 45, 'the neck is only shaken'
    legs, bent = angle[:, 1] > 50, angle[:, [3, 6, 9]].sum(1) > 50
    assert 0.2 < legs.mean() < 0.4 and 0.05 < bent.mean() < 0.3


def test_rare_kinds_of_poses_are_as_likely_as_common_ones() -> None:
    turns = np.concatenate([np.zeros(300), np.full(10, 60.), np.full(10, 120.)])
    poses = np.tile(np.eye(3), (len(turns), 24, 1, 1))
    poses[:, 16] = Rotation.from_euler('z', turns[:, None], degrees=True).as_matrix()
    chance = even_chances(poses, kinds=30)
    assert chance.sum() == pytest.approx(1)
    assert chance[300:].mean() > 5 * chance[:300].mean()


def test_random_arms_point_anywhere_but_behind_and_mirror_for_the_right_side() -> None:
    arms = np.stack([random_arm(np.random.default_rng(i), mirrored=False) for i in range(300)])
    np.testing.assert_allclose(np.linalg.det(arms), 1., atol=1e-6)
    upper = arms[:, 1, :, 0]
    assert upper[:, 0].min() > -0.36 and upper[:, 2].min() > -0.56
    assert (upper[:, 1] > 0.5).any() and (upper[:, 1] < -0.5).any()
    fore = arms[:, 2, :, 0]
    assert (fore[:, 2] >= 0).all(), 'elbows bend forwards'
    right = random_arm(np.random.default_rng(0), mirrored=True)
    np.testing.assert_allclose(right[1] @ [-1, 0, 0], upper[0] * [-1, 1, 1], atol=1e-6)


def test_schedule_average_and_half_precision(tmp_path: Path) -> None:
    assert learning_rate(0.05, 1.) == pytest.approx(1.)
    assert learning_rate(1., 1.) == pytest.approx(0.01)
    layer = torch.nn.Linear(2, 1)
    average = MovingAverage(layer, 0.9)
    with torch.no_grad():
        layer.weight.fill_(3.)
    for _ in range(200):
        average.update(layer)
    torch.testing.assert_close(average.model.weight, layer.weight, atol=1e-4, rtol=0)
    save_half(layer, tmp_path / 'w.pth')
    state = torch.load(tmp_path / 'w.pth', weights_only=True)['state_dict']
    assert state['weight'].dtype == torch.float16
