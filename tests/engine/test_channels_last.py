from types import SimpleNamespace

import torch
from torch import nn

from cliff_ext.engine import ChannelsLastHook


def test_maps_follow_the_weights_and_results_stay():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))
    image = torch.randn(2, 3, 9, 9)
    before = net(image)
    ChannelsLastHook().before_train(SimpleNamespace(model=net))
    after = net(image)
    assert not before.is_contiguous(memory_format=torch.channels_last)
    assert after.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(after, before)
