"""Mean over all positions of the coarsest feature map."""

from collections.abc import Sequence

from torch import Tensor, nn

from cliff_ext.registry import MODELS


@MODELS.register_module()
class GlobalPool(nn.Module):
    """Feature maps, of which the last is (N, C, h, w), to one vector (N, C) each."""

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        return features[-1].float().mean((2, 3))
