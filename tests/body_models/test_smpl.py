import json

import numpy as np
import pytest
import torch
from smplx.vertex_ids import vertex_ids

from cliff_ext.body_models import OPEN_BODY, SMPL
from cliff_ext.structures import get_skeleton


@pytest.fixture(scope='module')
def body() -> SMPL:
    return SMPL()


def rest(count: int = 1) -> tuple[torch.Tensor, ...]:
    return torch.eye(3).expand(count, 3, 3), torch.eye(3).expand(count, 23, 3, 3), torch.zeros(count, 10)


def test_open_body_has_smpl_layout_and_is_small():
    assert OPEN_BODY.stat().st_size < 2e6
    with np.load(OPEN_BODY, allow_pickle=False) as data:
        assert data['v_template'].shape == (6890, 3) and data['posedirs'].shape == (6890, 3, 207)
        assert np.allclose(data['weights'].sum(1), 1, atol=1e-5)
        for name in ('J_regressor', 'J_regressor_h36m', 'J_regressor_extra'):
            assert np.allclose(data[name].sum(1), 1, atol=1e-4) and (data[name] >= 0).all()
        assert set(np.unique(data['f'])) == set(range(6890))
    assert 'CC0' in json.loads(OPEN_BODY.with_suffix('.json').read_text())['licence']


def test_smplx_vertex_ids_hit_the_right_anatomy(body):
    points = body(*rest()).vertices[0].numpy()
    at = {name: points[index] for name, index in vertex_ids['smplh'].items()}
    at |= {name: points[index] for name, index in dict(nose=332, reye=6260, leye=2800, rear=4071, lear=583).items()}
    height = np.ptp(points[:, 1])
    assert 1.55 < height < 1.9
    top = points[:, 1].max()
    for side, sign in (('l', 1), ('r', -1)):
        for part in ('eye', 'ear', 'thumb', 'index', 'middle', 'ring', 'pinky'):
            assert sign * at[side + part][0] > 0.01, part
        assert top - 0.25 < at[f'{side}eye'][1] < top and at[f'{side}eye'][2] > at[f'{side}ear'][2] + 0.05
        reach = [sign * at[f'{side}{finger}'][0] for finger in ('thumb', 'index', 'middle', 'ring', 'pinky')]
        assert reach[2] == max(reach) and reach[0] == min(reach) and min(reach) > 0.7
        depth = [at[f'{side}{finger}'][2] for finger in ('thumb', 'index', 'middle', 'ring', 'pinky')]
        assert depth == sorted(depth, reverse=True)
        toes = {part: at[f'{side.upper()}{part}'] for part in ('BigToe', 'SmallToe', 'Heel')}
        assert all(p[1] < points[:, 1].min() + 0.06 for p in toes.values())
        assert toes['Heel'][2] < toes['SmallToe'][2] < toes['BigToe'][2]
        assert abs(toes['SmallToe'][0]) > abs(toes['BigToe'][0])
    assert abs(at['nose'][0]) < 0.01 and at['nose'][2] > max(at['leye'][2], at['reye'][2])


def test_joints_come_with_names_and_in_the_right_places(body):
    out = body(*rest(2))
    assert out.vertices.shape == (2, 6890, 3) and out.joints.shape == (2, 49, 3) and out.smpl_joints.shape == (2, 24, 3)
    spin = get_skeleton('spin49')
    joints = out.joints[0]
    assert joints[spin.index('left_wrist'), 0] > 0.6 and joints[spin.index('right_wrist'), 0] < -0.6
    assert joints[spin.index('gt_head_top'), 1] > joints[spin.index('nose'), 1] > joints[spin.index('neck'), 1]
    h36m = body.h36m_joints(out.vertices)[0]
    assert h36m[1, 0] > 0 > h36m[4, 0], 'rows 1-3 are the left leg, as in SPIN'
    assert torch.allclose(h36m[3], out.smpl_joints[0, 7], atol=0.02)


def test_turning_the_root_turns_everything_about_the_pelvis(body):
    orient, pose, betas = rest()
    turn = torch.tensor([[0., 0., 1.], [0., 1., 0.], [-1., 0., 0.]])[None]
    a, b = body(orient, pose, betas), body(turn, pose, betas)
    pelvis = a.smpl_joints[:, :1]
    assert torch.allclose((a.vertices - pelvis) @ turn[0].T + pelvis, b.vertices, atol=1e-5)


def test_bending_the_knee_moves_the_shin_backwards_only(body):
    orient, pose, betas = rest()
    bent = pose.clone()
    bent[0, 3] = torch.tensor([[1., 0., 0.], [0., 0., -1.], [0., 1., 0.]])
    a, b = body(orient, pose, betas).smpl_joints[0], body(orient, bent, betas).smpl_joints[0]
    assert b[7, 2] < a[7, 2] - 0.3
    unmoved = [j for j in range(24) if j not in (7, 10)]
    assert torch.allclose(a[unmoved], b[unmoved], atol=1e-5)


def test_translation_is_added_and_gradients_flow(body):
    orient, pose, betas = rest()
    betas = betas.clone().requires_grad_()
    shift = torch.tensor([[1., 2., 3.]])
    out = body(orient, pose, betas, shift)
    assert torch.allclose(out.joints - shift[:, None], body(orient, pose, betas).joints, atol=1e-5)
    out.joints.square().sum().backward()
    assert betas.grad.abs().sum() > 0


def test_first_beta_is_stature(body):
    orient, pose, betas = rest(2)
    betas = betas.clone()
    betas[1, 0] = 1
    height = [float(v[:, 1].max() - v[:, 1].min()) for v in body(orient, pose, betas).vertices]
    assert 0.05 < height[1] - height[0] < 0.09


def test_nobody_is_fine_and_wrong_shapes_are_named(body):
    assert body(*rest(0)).vertices.shape == (0, 6890, 3)
    orient, pose, betas = rest()
    with pytest.raises(ValueError, match=r'body_pose must have shape \(1, 23, 3, 3\)'):
        body(orient, pose[:, :21], betas)


def test_a_missing_model_names_the_download_page(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'SMPL_FEMALE\.npz or SMPL_FEMALE\.pkl.*smpl\.is\.tue\.mpg\.de'):
        SMPL(tmp_path, gender='female')
    with pytest.raises(ValueError, match='gender'):
        SMPL(gender='other')


def test_a_folder_of_official_files_works_and_says_what_regressor_it_lacks(tmp_path, body):
    with np.load(OPEN_BODY) as data:
        keep = {k: data[k] for k in data.files if k not in ('J_regressor_extra', 'J_regressor_h36m', 'vertex_region')}
        extra = data['J_regressor_extra']
    np.savez(tmp_path / 'SMPL_NEUTRAL.npz', **keep)
    with pytest.raises(ValueError, match='extra_regressor=FILE.npy'):
        SMPL(tmp_path)(*rest())
    np.save(tmp_path / 'extra.npy', extra)
    out = SMPL(tmp_path, extra_regressor=tmp_path / 'extra.npy')(*rest())
    assert torch.allclose(out.joints, body(*rest()).joints, atol=1e-5)
    np.save(tmp_path / 'bad.npy', extra[:3])
    with pytest.raises(ValueError, match='expected shape'):
        SMPL(tmp_path, extra_regressor=tmp_path / 'bad.npy')


def test_the_pelvis_is_what_a_body_turns_about(body):
    betas = torch.randn(5, 10, generator=torch.Generator().manual_seed(0))
    turned = torch.diag(torch.tensor([-1., 1., -1.])).expand(5, 3, 3)
    joints = body(turned, rest(5)[1], betas).smpl_joints
    torch.testing.assert_close(body.rest_pelvis(betas), joints[:, 0], atol=1e-6, rtol=0)
