import numpy as np
import pytest
import torch

from cliff_ext.models import CLIFFHead


def test_a_silent_head_gives_its_starting_values():
    head = CLIFFHead(in_channels=4, hidden=8).eval()
    for decoder in (head.decpose, head.decshape, head.deccam):
        torch.nn.init.zeros_(decoder.weight)
        torch.nn.init.zeros_(decoder.bias)
    out = head(torch.randn(3, 4), torch.randn(3, 3))
    upright = torch.diag(torch.tensor([1., -1., -1.]))  # the camera's y axis points down
    assert torch.equal(out.global_orient, upright.expand(3, 3, 3))
    assert out.body_pose.shape == (3, 23, 3, 3) and torch.equal(out.betas, torch.zeros(3, 10))
    assert torch.allclose(out.crop_cam, torch.tensor([0.9, 0., 0.]).expand(3, 3))


def test_bbox_info_and_every_iteration_matter():
    head = CLIFFHead(in_channels=4, hidden=8).eval()
    feature = torch.randn(2, 4)
    near, far = head(feature, torch.zeros(2, 3)), head(feature, torch.ones(2, 3))
    assert not torch.allclose(near.crop_cam, far.crop_cam)
    steps = head.refine(feature, torch.zeros(2, 3))
    assert len(steps) == 3 and not torch.allclose(steps[0].betas, steps[2].betas)
    assert torch.equal(steps[2].betas, near.betas)


def test_output_is_always_a_rotation_and_a_batch_of_three_is_no_exception():
    head = CLIFFHead(in_channels=4, hidden=8).eval()
    feature, info = torch.randn(5, 4), torch.randn(5, 3)
    rotmat = head(feature, info).body_pose
    assert torch.allclose(rotmat @ rotmat.mT, torch.eye(3).expand_as(rotmat), atol=1e-5)
    assert torch.allclose(head(feature[:3], info[:3]).body_pose, rotmat[:3], atol=1e-6)
    assert head(feature[:0], info[:0]).betas.shape == (0, 10)


def test_mean_params_come_from_a_file_and_are_checked(tmp_path):
    np.savez(tmp_path / 'mean.npz', pose=np.zeros(144), shape=np.arange(10.), cam=np.ones(3))
    assert CLIFFHead(in_channels=4, mean_params=tmp_path / 'mean.npz').init_shape[0, 3] == 3
    np.savez(tmp_path / 'bad.npz', pose=np.zeros(72), shape=np.zeros(10), cam=np.ones(3))
    with pytest.raises(ValueError, match=r'pose must have shape \(144,\)'):
        CLIFFHead(in_channels=4, mean_params=tmp_path / 'bad.npz')


def test_only_an_activation_lets_the_box_act_differently_on_different_people():
    torch.manual_seed(0)
    features, boxes = torch.randn(2, 4), torch.zeros(2, 3)
    moved = boxes + torch.tensor([1., 0., 0.])
    for act_cfg, same in ((None, True), (dict(type='ReLU'), False)):
        head = CLIFFHead(in_channels=4, hidden=64, iterations=1, act_cfg=act_cfg).eval()
        change = head(features, moved).pose6d - head(features, boxes).pose6d
        assert torch.allclose(change[0], change[1], atol=1e-6) == same
