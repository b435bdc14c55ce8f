import pytest
import torch
from mmdet.models.backbones.resnet import BasicBlock, Bottleneck
from torch import nn

from cliff_ext.models import ClsHRNet, fuse_for_inference, fused_block
from cliff_ext.models.fuse import _fold
from cliff_ext.models.fused_block import FusedBlock, FusedConv2d, use_fused_blocks
from cliff_ext.models.winograd import WinogradConv2d

pytestmark = pytest.mark.skipif(not fused_block.fuses(), reason='this PyTorch has no oneDNN convolutions with ReLU')


def randomised(module: nn.Module) -> nn.Module:
    """Statistics that folding has to take into account."""
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.running_mean.normal_(std=0.3)
            norm.running_var.uniform_(0.5, 1.5)
    return module


def folded(*blocks: nn.Module) -> nn.Sequential:
    """Blocks in evaluation, batch norms folded."""
    net = randomised(nn.Sequential(*blocks)).eval().requires_grad_(False)
    _fold(net)
    return net.to(memory_format=torch.channels_last)


def shortcut(channels: int, out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))


@pytest.mark.parametrize('make', [
    lambda: (BasicBlock(24, 24), BasicBlock(24, 24)),
    lambda: (BasicBlock(72, 72), BasicBlock(72, 72)),
    lambda: (BasicBlock(24, 32, stride=2, downsample=shortcut(24, 32, 2)), BasicBlock(32, 32)),
    lambda: (Bottleneck(24, 64, downsample=shortcut(24, 256, 1)), Bottleneck(256, 64)),
    lambda: (Bottleneck(24, 8, stride=2, downsample=shortcut(24, 32, 2)), Bottleneck(32, 8, dilation=2))],
    ids=['basic', 'winograd', 'strided', 'bottleneck', 'dilated'])
@pytest.mark.parametrize('size', [(1, 1, 1), (1, 7, 5), (3, 16, 12), (8, 9, 4)])
def test_blocks_give_what_they_gave_and_leave_their_input_alone(make, size):
    torch.manual_seed(0)
    net = folded(*make())
    count, height, width = size
    images = torch.randn(count, net[0].conv1.in_channels, height, width).to(memory_format=torch.channels_last)
    before = images.clone()
    plain = net(images)
    use_fused_blocks(net)
    assert all(isinstance(block, FusedBlock) for block in net)
    assert torch.allclose(net(images), plain, atol=5e-5, rtol=1e-4)
    assert torch.equal(images, before)


def test_wide_convolutions_are_winograds():
    net = folded(BasicBlock(72, 72), BasicBlock(24, 24))
    wide, narrow = net
    kinds = [[type(conv) for conv in FusedBlock(block, overwrite=False).convs] for block in (wide, narrow)]
    assert kinds == [[WinogradConv2d] * 2, [FusedConv2d] * 2]


def test_what_is_no_folded_block_stays():
    with_norms = nn.Sequential(BasicBlock(8, 8)).eval()
    reflecting = folded(BasicBlock(8, 8))
    reflecting[0].conv2.padding_mode = 'reflect'
    half = folded(BasicBlock(8, 8)).bfloat16()
    grouped = folded(BasicBlock(8, 8, norm_cfg=dict(type='GN', num_groups=2)))
    for net in (with_norms, reflecting, half, grouped, nn.Sequential(nn.Conv2d(8, 8, 3))):
        kind = type(net[0])
        use_fused_blocks(net)
        assert type(net[0]) is kind


@pytest.mark.parametrize('fault', [AttributeError('no such operator'), RuntimeError('not built with oneDNN')])
def test_without_the_operators_blocks_stay(monkeypatch, fault):
    def fail(*args, **kwargs):
        raise fault
    monkeypatch.setattr(FusedConv2d, 'forward', fail)
    monkeypatch.setattr(fused_block, 'fuses', fused_block.fuses.__wrapped__)
    assert not fused_block.fuses()
    net = folded(BasicBlock(8, 8))
    use_fused_blocks(net)
    assert isinstance(net[0], BasicBlock)


def test_operators_that_give_something_else_are_not_used(monkeypatch):
    monkeypatch.setattr(FusedConv2d, 'forward', lambda self, x, *args, **kwargs: torch.zeros_like(x))
    assert not fused_block.fuses.__wrapped__()


def test_the_check_takes_no_random_numbers():
    torch.manual_seed(0)
    first = torch.rand(3)
    torch.manual_seed(0)
    fused_block.fuses.__wrapped__()
    assert torch.equal(torch.rand(3), first)


def test_a_fused_hrnet_gives_what_the_plain_one_gives():
    torch.manual_seed(0)
    net = nn.Module()
    net.backbone = randomised(ClsHRNet(width=24))
    net.eval()
    fused = fuse_for_inference(net)
    assert {FusedBlock, FusedConv2d, WinogradConv2d} <= {type(module) for module in fused.modules()}
    assert not any(isinstance(module, (BasicBlock, Bottleneck)) for module in fused.modules())
    for shape in ((1, 3, 32, 32), (3, 3, 96, 64)):
        images = torch.randn(shape)
        with torch.no_grad():
            plain, = net.backbone(images)
            assert torch.allclose(fused.backbone(images)[0], plain, rtol=1e-4, atol=1e-4 * float(plain.abs().max()))
