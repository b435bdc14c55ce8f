import pytest
import torch

from cliff_ext.body_models import SMPL
from cliff_ext.geometry import crop_cam_to_transl, project_points
from cliff_ext.models import FeedbackHead
from cliff_ext.registry import MODELS
from cliff_ext.structures import FullFrame

CELLS = 24 * 12 * 16


@pytest.fixture(scope='module')
def head() -> FeedbackHead:
    torch.manual_seed(0)
    head = MODELS.build(dict(type='cliff_ext.FeedbackHead', in_channels=8, map_size=(12, 16), hidden=32)).eval()
    for layer in (head.pull, head.decode):
        torch.nn.init.normal_(layer.weight, std=0.01)
    return head


@pytest.fixture
def frame() -> FullFrame:
    return FullFrame(torch.tensor([[100., 300.], [500., 200.]]), torch.tensor([1.2, 0.6]),
                     torch.tensor([[640., 480.], [640., 480.]]), torch.tensor([800., 700.]))


def told(vector: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    return torch.cat([vector, maps.flatten(2).softmax(-1).flatten(1)], 1)


def test_joints_are_projected_where_the_full_camera_sees_them(head, frame):
    torch.manual_seed(1)
    out = head(told(torch.randn(2, 8), torch.randn(2, 24, 16, 12)), frame.bbox_info)
    transl = crop_cam_to_transl(out.crop_cam, frame.center, frame.scale, frame.image_size, frame.focal_length)
    joints = SMPL()(out.global_orient, out.body_pose, out.betas, transl).smpl_joints
    pixels = project_points(joints, frame.focal_length, frame.image_size / 2)
    corner = frame.center - frame.box[:, None] * torch.tensor([0.375, 0.5])
    inside = (pixels - corner[:, None]) / (frame.box[:, None, None] * torch.tensor([0.75, 1.]))
    assert torch.allclose(head.places(out, frame.bbox_info), inside, atol=1e-4)


def test_the_first_step_knows_peaks_and_the_next_ones_where_the_body_lies(head, frame):
    vector, maps = torch.zeros(2, 8), torch.randn(2, 24, 16, 12)
    feature = told(vector, maps)
    first, second, third = head.refine(feature, frame.bbox_info)
    assert torch.equal(third.pose6d, head(feature, frame.bbox_info).pose6d)
    assert (first.pose6d - second.pose6d).abs().max() > 1e-4 < (second.pose6d - third.pose6d).abs().max()
    moved = told(vector, maps.roll(3, 3))
    assert (head.refine(moved, frame.bbox_info, 1)[0].pose6d - first.pose6d).abs().max() > 1e-4


def test_a_body_on_its_maps_is_told_that_it_is(head, frame):
    feature = told(torch.zeros(2, 8), torch.randn(2, 24, 16, 12))
    out = head(feature, frame.bbox_info)
    places = head.places(out, frame.bbox_info)
    cells = torch.stack(torch.meshgrid(torch.arange(16), torch.arange(12), indexing='ij')[::-1], -1) + 0.5
    off = (cells / torch.tensor([12., 16.]) - places[:, :, None, None]) * torch.tensor([0.75, 1.])
    maps = torch.exp(-off.square().sum(-1) / (2 * 0.05**2))
    maps = maps / maps.sum((2, 3), keepdim=True)
    inside = ((places > 0.15) & (places < 0.85)).all(-1)
    assert inside.sum() > 20
    at_home = head._seen(out, frame.bbox_info, maps, places, torch.ones(2, 24))
    assert at_home[:, :48].abs().max() == 0, 'on the peaks'
    own = at_home[:, 72:120].unflatten(1, (24, 2))[inside]
    assert own.abs().max() < 0.05, 'no map sends its joint away'
    shifted = head._seen(out, frame.bbox_info, maps, places + 0.05, torch.ones(2, 24))
    assert torch.allclose(shifted[:, 0:48:2], torch.full((2, 24), 10 * 0.05 * 0.75), atol=1e-4)


def test_gradients_reach_maps_and_feature(head, frame):
    vector, maps = torch.randn(2, 8, requires_grad=True), torch.randn(2, 24, 16, 12, requires_grad=True)
    head(told(vector, maps), frame.bbox_info).pose6d.square().sum().backward()
    assert vector.grad.abs().max() > 0 and maps.grad.abs().max() > 0
    assert torch.isfinite(maps.grad).all()


def test_the_body_is_no_part_of_the_checkpoint(head):
    assert not any(name.startswith('skeleton') for name in head.state_dict())
    assert {'init_pose', 'feature.weight', 'decode.bias'} <= head.state_dict().keys()


def test_a_feature_without_maps_is_refused(head, frame):
    with pytest.raises(ValueError, match=rf'8 numbers and 24 maps of 12 x 16, together {8 + CELLS}, got 8; .*with_maps'):
        head(torch.zeros(2, 8), frame.bbox_info)


def test_mixed_precision_leaves_the_head_exact(head, frame):
    feature = told(torch.randn(2, 8), torch.randn(2, 24, 16, 12))
    exact = head(feature, frame.bbox_info)
    with torch.autocast('cpu', torch.bfloat16):
        assert torch.equal(head(feature, frame.bbox_info).pose6d, exact.pose6d)
        assert head(feature.bfloat16(), frame.bbox_info).pose6d.dtype == torch.float32
