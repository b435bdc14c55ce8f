import numpy as np
import pytest
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.visualization import (
    MeshOverlay,
    SideView,
    draw_boxes,
    fastest_backend,
    rasterize,
    track_color,
    vertex_normals,
)

opengl = pytest.param('opengl', marks=pytest.mark.skipif(
    fastest_backend() != 'opengl', reason='no moderngl, or no OpenGL driver'))
both_backends = pytest.mark.parametrize('backend', ['zbuffer', opengl])

SQUARE = np.array([[-1., -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
FACES = np.array([[0, 2, 1], [0, 3, 2]])  # seen from the camera


def square(depth: float, size: float = 1., x: float = 0.) -> np.ndarray:
    return SQUARE * size + [x, 0, depth]


@both_backends
def test_a_square_covers_exactly_its_pixels_at_its_depth(backend):
    raster = rasterize(square(2.), FACES, 20., (40, 30), backend=backend)
    covered = raster.face_index >= 0
    wanted = np.zeros((30, 40), bool)
    wanted[5:25, 10:30] = True
    assert np.array_equal(covered, wanted)
    assert np.allclose(raster.depth[covered], 2.) and np.isinf(raster.depth[~covered]).all()
    assert np.allclose(raster.barycentric[covered].sum(1), 1, atol=1e-5)


@both_backends
def test_nearer_hides_farther_whatever_the_order_of_faces(backend):
    both = np.concatenate([square(4., 3.), square(2., 0.5)])
    faces = np.concatenate([FACES, FACES + 4])
    for order in (faces, faces[::-1]):
        raster = rasterize(both, order, 20., (40, 30), backend=backend)
        assert raster.depth[15, 20] == pytest.approx(2.) and raster.depth[15, 5] == pytest.approx(4.)


@both_backends
def test_depth_between_corners_is_perspective_correct(backend):
    slanted = np.array([[-1., -1, 1], [1, -1, 3], [1, 1, 3], [-1, 1, 1]])
    raster = rasterize(slanted, FACES, 20., (80, 80), backend=backend)
    row, column = 40, 40
    ray = (column + 0.5 - 40) / 20
    assert raster.depth[row, column] == pytest.approx(2 / (1 - ray), rel=1e-4)  # z = 2 + x, x = ray z
    place = raster.interpolate(slanted, FACES)
    assert np.allclose(place[:, 2], raster.depth[raster.face_index >= 0], rtol=1e-4)


@both_backends
def test_back_faces_are_skipped_unless_asked_for(backend):
    assert (rasterize(square(2.), FACES[:, ::-1], 20., (20, 20), backend=backend).face_index < 0).all()
    assert (rasterize(square(2.), FACES[:, ::-1], 20., (20, 20), cull_back=False, backend=backend).face_index >= 0).any()


@both_backends
def test_what_is_behind_or_beside_the_camera_is_not_drawn(backend):
    assert (rasterize(square(-2.), FACES, 20., (20, 20), backend=backend).face_index < 0).all()
    assert (rasterize(square(2., x=50.), FACES, 20., (20, 20), backend=backend).face_index < 0).all()


@both_backends
def test_a_triangle_larger_than_the_picture_fills_it(backend):
    assert (rasterize(square(2., 500.), FACES, 20., (300, 200), backend=backend).face_index >= 0).all()


@both_backends
def test_bad_vertices_are_named(backend):
    with pytest.raises(ValueError, match='NaN'):
        rasterize(square(np.nan), FACES, 20., (20, 20), backend=backend)
    with pytest.raises(ValueError, match=r'\(V, 3\)'):
        rasterize(np.zeros((4, 2)), FACES, 20., (20, 20))


def test_normals_point_at_the_camera():
    assert np.allclose(vertex_normals(square(2.), FACES), [0, 0, -1])


def test_overlay_draws_the_nearer_person_in_front_and_leaves_the_input():
    image = np.full((30, 40, 3), 100, np.uint8)
    before = image.copy()
    people = np.stack([square(4., 2.), square(2., 0.5)])
    drawn = MeshOverlay(FACES, alpha=1.)(image, people, 20., [0, 1])
    assert np.array_equal(image, before)
    far, near = (drawn[15, x].astype(float) for x in (12, 20))
    ratio = [(color / np.linalg.norm(color)) @ (track_color(i) / np.linalg.norm(track_color(i)))
             for i, color in enumerate((far, near))]
    assert min(ratio) > 0.97 and not np.allclose(far, near, atol=10)
    assert np.array_equal(drawn[0, 0], [100, 100, 100])
    assert np.array_equal(MeshOverlay(FACES, alpha=0.)(image, people, 20., [0, 1]), image)


def test_nobody_leaves_the_picture_unchanged():
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    drawn = MeshOverlay(FACES)(image, np.empty((0, 4, 3)), 20., [])
    assert np.array_equal(drawn, image) and drawn is not image
    assert np.array_equal(draw_boxes(image, np.empty((0, 4)), []), image)
    assert SideView(FACES, np.empty((0, 3)))(np.empty((0, 4, 3)), []).shape == (480, 640, 3)


def test_side_view_puts_far_people_to_the_right():
    box = np.array([[x, y, z] for x in (-.3, .3) for y in (-1., 1.) for z in (-.3, .3)])
    faces = np.array([[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6],
                      [0, 6, 4], [1, 5, 7], [1, 7, 3]])
    faces = np.concatenate([faces, faces[:, ::-1]])
    view = SideView(faces, np.array([[0., -1, 2], [0., 1, 6]]))
    columns = [np.flatnonzero((view(box[None] + [0, 0, z], [0]) != view.background).any((0, 2))).mean() for z in (2.5, 5.5)]
    assert 0 < columns[0] < 320 < columns[1] < 640


def test_colours_of_the_first_identities_differ():
    colors = np.stack([track_color(i) for i in range(6)])
    distance = np.linalg.norm(colors[:, None] - colors[None], axis=-1) + 1e3 * np.eye(6)
    assert distance.min() > 20 and np.array_equal(track_color(3), track_color(3))


@pytest.mark.skipif(fastest_backend() != 'opengl', reason='no moderngl, or no OpenGL driver')
def test_opengl_and_zbuffer_see_the_same_body():
    body = SMPL()
    upright = torch.diag(torch.tensor([1., -1., -1.]))[None]
    vertices = body(upright, torch.eye(3).expand(1, 23, 3, 3), torch.zeros(1, 10), torch.tensor([[0.2, 0., 3.]])).vertices[0]
    ours, gl = (rasterize(vertices.detach(), body.faces, 300., (320, 240), backend=name) for name in ('zbuffer', 'opengl'))
    seen, seen_gl = ours.face_index >= 0, gl.face_index >= 0
    both = seen & seen_gl
    assert (seen != seen_gl).sum() < 0.002 * seen.sum() and seen.sum() > 3000
    assert (ours.face_index == gl.face_index)[both].mean() > 0.99
    assert np.median(np.abs(ours.depth[both] - gl.depth[both])) < 0.002  # a pixel is 10 mm wide there


def test_an_unknown_backend_is_named():
    with pytest.raises(ValueError, match="'pencil'"):
        rasterize(square(2.), FACES, 20., (20, 20), backend='pencil')
