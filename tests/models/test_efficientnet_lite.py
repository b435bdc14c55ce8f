import pytest
import torch

from cliff_ext.models import EfficientNetLite, load_imagenet


def official() -> dict[str, torch.Tensor]:
    """Tensors in the order of ``efficientnet_lite_pytorch``, named as there where that matters, with what follows them."""
    ours = EfficientNetLite().state_dict()
    state = {f'_blocks.{i}': torch.rand_like(v.float()).to(v.dtype) for i, v in enumerate(ours.values())}
    return state | {'_conv_head.weight': torch.ones(1280, 320, 1, 1), '_fc.bias': torch.ones(1000)}


def test_strides_and_channels():
    maps = EfficientNetLite(out_indices=(0, 1, 2, 3, 4, 5, 6)).eval()(torch.zeros(1, 3, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [
        (16, 32, 48), (24, 16, 24), (40, 8, 12), (80, 4, 6), (112, 4, 6), (192, 2, 3), (320, 2, 3)]
    assert sum(p.numel() for p in EfficientNetLite().parameters()) == 2_958_848


def test_frozen_stages_keep_weights_and_statistics():
    net = EfficientNetLite(frozen_stages=2).train()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    sum(m.mean() for m in net(torch.randn(2, 3, 64, 64))).backward()
    changed = {k.split('.')[1] for k, v in net.state_dict().items() if k.startswith('stages') and not v.equal(before[k])}
    assert changed == {'2', '3', '4', '5', '6'}
    assert net.stem.conv.weight.grad is None and net.stages[1][0].linear_conv.conv.weight.grad is None
    assert net.stages[2][0].linear_conv.conv.weight.grad is not None


def test_imagenet_weights_fill_every_tensor(tmp_path):
    state, net = official(), EfficientNetLite()
    torch.save(state, tmp_path / 'lite0.pth')
    load_imagenet(net, tmp_path / 'lite0.pth')
    assert all(ours.equal(state[f'_blocks.{i}']) for i, ours in enumerate(net.state_dict().values()))


def test_weights_of_another_network_are_refused(tmp_path):
    state = official()
    state['_blocks.5'] = torch.zeros(7)
    torch.save(state, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='other.pth: not EfficientNet-Lite0'):
        load_imagenet(EfficientNetLite(), tmp_path / 'other.pth')
