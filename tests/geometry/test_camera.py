import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cliff_ext import geometry as g

sizes = st.tuples(st.integers(100, 2000), st.integers(100, 2000))


@settings(max_examples=60, deadline=None)
@given(sizes, st.floats(0, 1), st.floats(0, 1), st.floats(0.2, 5), st.floats(0.3, 2), st.floats(-0.5, 0.5))
def test_crop_camera_and_full_translation_are_inverse(size, x, y, scale, s, tx):
    image_size = torch.tensor(size, dtype=torch.float64)
    center = image_size * torch.tensor([x, y])
    focal = g.estimate_focal_length(image_size)
    cam = torch.tensor([s, tx, -tx], dtype=torch.float64)
    place = (center, torch.tensor(scale, dtype=torch.float64), image_size, focal)
    assert torch.allclose(g.transl_to_crop_cam(g.crop_cam_to_transl(cam, *place), *place), cam, atol=1e-6)


def test_full_camera_agrees_with_the_crop_camera_at_the_body_centre():
    image_size, center = torch.tensor([640., 480.]), torch.tensor([400., 200.])
    scale, focal = torch.tensor(1.2), torch.tensor(800.)
    transl = g.crop_cam_to_transl(torch.tensor([0.9, 0., 0.]), center, scale, image_size, focal)
    pixel = g.project_points(transl[None], focal, image_size / 2)[0]
    assert torch.allclose(pixel, center, atol=1e-3)


def test_bbox_info_is_zero_in_the_middle_at_standard_size():
    info = g.bbox_info(torch.tensor([320., 240.]), torch.tensor(0.24 * 800 / 200), torch.tensor([640., 480.]),
                       torch.tensor(800.))
    assert torch.allclose(info, torch.zeros(3), atol=1e-5)


def test_unknown_focal_length_is_the_diagonal():
    assert g.estimate_focal_length(torch.tensor([[400, 300], [3, 4]])).tolist() == [500., 5.]
