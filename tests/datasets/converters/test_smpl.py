from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from cliff_ext.datasets.converters.smpl import Camera, rotate_root, smpl_to_camera

vectors = st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3).map(np.array)


@given(vectors, vectors, vectors, vectors, vectors, vectors)
def test_a_body_in_another_frame_is_the_body_moved(orient, trans, pelvis, turn, shift, vertex):
    """SMPL: x = R (v - p) + p + t."""

    def posed(rotvec: np.ndarray, translation: np.ndarray) -> np.ndarray:
        return Rotation.from_rotvec(rotvec).apply(vertex - pelvis) + pelvis + translation

    rotation = Rotation.from_rotvec(turn)
    root, transl = smpl_to_camera(orient[None], trans[None], pelvis, rotation.as_matrix(), shift)
    np.testing.assert_allclose(posed(root[0], transl[0]), rotation.apply(posed(orient, trans)) + shift, atol=1e-4)


def test_roots_turn_from_the_left():
    quarter = Rotation.from_euler('z', 90, degrees=True)
    root = rotate_root(np.array([[np.pi / 2, 0, 0]]), quarter.as_matrix())
    wanted = (quarter * Rotation.from_rotvec([np.pi / 2, 0, 0])).as_rotvec()
    np.testing.assert_allclose(root[0], wanted, atol=1e-6)


def test_recentred_bodies_project_their_pelvis_to_the_same_pixel():
    off = Camera(np.array([[1145., 0, 512], [0, 1143, 515], [0, 0, 1]]), (1000, 1002))
    pelvis = np.array([[0.4, -0.3, 5.]])
    moved = off.recentre(np.zeros((1, 3)), pelvis) + pelvis
    centred = Camera(np.array([[off.focal_length, 0, 500], [0, off.focal_length, 501], [0, 0, 1]]), (1000, 1002))
    np.testing.assert_allclose(centred.project(moved[:, None]), off.project(pelvis[:, None]), atol=1e-3)
    assert moved[0, 2] == 5


def test_points_behind_the_camera_have_no_confidence():
    camera = Camera(np.diag([500., 500, 1]), (100, 100))
    assert camera.project(np.array([[0.1, 0.1, -2.], [0.1, 0.1, 2]]))[:, 2].tolist() == [0, 1]
