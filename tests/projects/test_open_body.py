"""The shipped open body: layout, anatomy, regressors, surface and posing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).parents[2] / 'cliff_ext/body_models/data/open_body.npz'
FINGERS = {6191: 23, 5782: 23, 5905: 23, 6016: 23, 6133: 23, 2746: 22, 2319: 22, 2445: 22, 2556: 22, 2673: 22}


@pytest.fixture(scope='module')
def body() -> dict[str, np.ndarray]:
    with np.load(DATA, allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


def test_layout_and_size(body: dict[str, np.ndarray]) -> None:
    shapes = dict(v_template=(6890, 3), shapedirs=(6890, 3, 10), posedirs=(6890, 3, 207), weights=(6890, 24),
                  kintree_table=(2, 24), J_regressor=(24, 6890), J_regressor_h36m=(17, 6890),
                  J_regressor_extra=(9, 6890), vertex_region=(6890,))
    assert {name: body[name].shape for name in shapes} == shapes
    assert all(np.isfinite(body[name]).all() for name in shapes)
    assert DATA.stat().st_size <= 2e6


def test_weights_and_regressors_are_convex(body: dict[str, np.ndarray]) -> None:
    for name in ('weights', 'J_regressor', 'J_regressor_h36m', 'J_regressor_extra'):
        assert body[name].min() >= 0
        np.testing.assert_allclose(body[name].sum(1), 1, atol=1e-5)


def test_smplx_vertex_ids_lie_on_the_right_anatomy(body: dict[str, np.ndarray]) -> None:
    vertices, bone = body['v_template'], body['weights'].argmax(1)
    assert {vertex: bone[vertex] for vertex in FINGERS} == FINGERS
    assert (bone[[332, 6260, 2800, 4071, 583]] == 15).all()
    assert abs(vertices[332, 0]) < 0.01
    assert vertices[332, 2] > vertices[[6260, 2800, 4071, 583], 2].max()
    assert (vertices[[2800, 583, 3216, 3226, 3387], 0] > 0).all()
    assert (vertices[[6260, 4071, 6617, 6624, 6787], 0] < 0).all()
    for big, small, heel in ((3216, 3226, 3387), (6617, 6624, 6787)):
        assert vertices[big, 2] > vertices[small, 2] > vertices[heel, 2]
        assert abs(vertices[small, 0]) > abs(vertices[big, 0])


def test_regressors_follow_spin_rows(body: dict[str, np.ndarray]) -> None:
    h36m = body['J_regressor_h36m'] @ body['v_template']
    assert (h36m[[1, 2, 3, 11, 12, 13], 0] > 0).all()
    assert (h36m[[4, 5, 6, 14, 15, 16], 0] < 0).all()
    extra = body['J_regressor_extra'] @ body['v_template']
    assert extra[0, 0] < 0 < extra[1, 0]
    assert extra[3, 1] == pytest.approx(body['v_template'][:, 1].max(), abs=0.01)


def test_surface_is_manifold_with_only_small_openings(body: dict[str, np.ndarray]) -> None:
    faces = body['f']
    assert np.array_equal(np.unique(faces), np.arange(6890))
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    assert count.max() == 2
    border = np.unique(unique[count == 1])
    assert len(border) < 120
    assert (body['weights'][border].argmax(1) == 15).all()
    a, b, c = body['v_template'][faces].transpose(1, 0, 2)
    assert 0.04 < (a * np.cross(b, c)).sum() / 6 < 0.1


def test_lowered_left_arm_moves_only_the_left_side(body: dict[str, np.ndarray]) -> None:
    vertices, parents = body['v_template'], body['kintree_table'][0]
    joints = body['J_regressor'] @ vertices
    turn = np.array([[0., 1., 0.], [-1., 0., 0.], [0., 0., 1.]])
    rotations = np.tile(np.eye(3), (24, 1, 1))
    rotations[16] = turn
    local = rotations.copy()
    for joint in range(1, 24):
        rotations[joint] = rotations[parents[joint]] @ local[joint]
    posed_joints = joints.copy()
    for joint in range(1, 24):
        parent = parents[joint]
        posed_joints[joint] = posed_joints[parent] + rotations[parent] @ (joints[joint] - joints[parent])
    shaped = vertices + body['posedirs'].astype(float) @ (local[1:] - np.eye(3)).reshape(-1)
    blend = np.einsum('vj,jab->vab', body['weights'], rotations)
    shift = body['weights'] @ (posed_joints - np.einsum('jab,jb->ja', rotations, joints))
    posed = np.einsum('vab,vb->va', blend, shaped) + shift
    assert posed[2445, 1] < joints[16, 1] - 0.5
    assert np.abs(posed[vertices[:, 0] < -0.25] - vertices[vertices[:, 0] < -0.25]).max() < 0.01


def test_height_beta_makes_taller_and_regions_are_named(body: dict[str, np.ndarray]) -> None:
    facts = json.loads(DATA.with_suffix('.json').read_text())
    height = body['shapedirs'][:, 1, facts['betas'].index('height')].astype(float)
    assert np.ptp(body['v_template'][:, 1] + height) > np.ptp(body['v_template'][:, 1]) + 0.03
    assert facts['licence'] == 'CC0-1.0'
    assert set(np.unique(body['vertex_region'])) == set(range(len(facts['regions'])))
