import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.structures import FullFrame


@given(st.floats(-300, 900), st.floats(-200, 700), st.floats(0.2, 4), st.floats(300, 2000))
def test_box_information_alone_tells_where_joints_lie_in_the_crop(x, y, scale, focal):
    frame = FullFrame(torch.tensor([[x, y]]), torch.tensor([scale]), torch.tensor([[640., 480.]]), torch.tensor([focal]))
    bare = FullFrame.of_bbox_info(frame.bbox_info)
    torch.testing.assert_close(bare.bbox_info, frame.bbox_info, rtol=1e-4, atol=1e-4)
    joints, cam = torch.tensor([[[0.3, -0.8, 0.1], [0., 0., 0.], [-0.2, 0.9, -0.3]]]), torch.tensor([[0.9, 0.05, -0.1]])
    places = [(f.project(joints, cam) - f.center[:, None]) / f.box[:, None, None] for f in (frame, bare)]
    torch.testing.assert_close(places[1], places[0], rtol=1e-3, atol=1e-3)


def test_what_is_mirrored_twice_is_as_before():
    frame = FullFrame(torch.tensor([[100., 50.]]), torch.ones(1), torch.tensor([[640., 480.]]), torch.tensor([800.]))
    assert frame.mirrored().center.tolist() == [[540., 50.]]
    assert frame.mirrored().mirrored().center.tolist() == frame.center.tolist()
    x, y, size = frame.bbox_info[0].tolist()
    assert frame.mirrored().bbox_info[0].tolist() == pytest.approx([-x, y, size])
