import hypothesis.strategies as st
import torch
from hypothesis import given

from cliff_ext.geometry import camera_to_pixels, pixels_to_camera, project_points, world_to_camera

number = st.floats(-5, 5, allow_nan=False, width=32)


@given(st.lists(st.tuples(number, number, st.floats(0.1, 20)), min_size=1, max_size=6), st.floats(200, 3000),
       st.floats(200, 3000), number, number)
def test_pixels_with_their_depth_lead_back_to_the_point(points, fx, fy, cx, cy):
    points = torch.tensor(points, dtype=torch.float64)
    focal, center = torch.tensor([fx, fy], dtype=torch.float64), torch.tensor([cx, cy], dtype=torch.float64) * 100
    assert torch.allclose(pixels_to_camera(camera_to_pixels(points, focal, center), focal, center), points, atol=1e-9)


def test_one_focal_length_is_the_other_projection_and_cameras_are_batched():
    points, center = torch.rand(3, 4, 3) + torch.tensor([0., 0., 2.]), torch.rand(3, 2) * 500
    focal = torch.tensor([500., 600., 700.])
    both = focal[:, None].expand(3, 2)
    assert torch.allclose(camera_to_pixels(points, both, center)[..., :2], project_points(points, focal, center))


def test_the_worlds_origin_is_the_translation():
    rotation = torch.tensor([[0., -1, 0], [1, 0, 0], [0, 0, 1]])
    moved = world_to_camera(torch.tensor([[0., 0, 0], [1, 0, 0]]), rotation, torch.tensor([3., 4, 5]))
    assert moved.tolist() == [[3, 4, 5], [3, 5, 5]]
