"""Neck that merges feature maps into one, whose cells then see each other."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from cliff_ext.registry import MODELS

from .relations import CellRelations
from .top_down import TopDown


@MODELS.register_module()
class RelatedTopDown(TopDown):
    """A :class:`TopDown` whose merged map goes through :class:`CellRelations`.

    Args:
        in_channels: Channels of the maps, finest first, each half as large as the one before.
        map_size: (width, height) of the finest map.
        channels: Channels of the merged map.
        parts: P, parts of the body that are guessed on the merged map; each cell is told where they may be.
        blocks: Residual convolutions on the merged map.
        relations: Layers of :class:`CellRelations` after them, 0 for none.
        init_cfg: As MMEngine's modules.
    """

    def __init__(self, in_channels: Sequence[int], map_size: tuple[int, int], channels: int = 128, parts: int = 24,
                 blocks: int = 2, relations: int = 4, init_cfg: dict | None = None) -> None:
        super().__init__(in_channels, channels, blocks, init_cfg)
        self.relations = CellRelations(channels, map_size, parts, in_channels[-1], relations) if relations else None
        self.where = nn.Conv2d(channels, parts, 1)

    def related(self, merged: Tensor, context: Tensor) -> Tensor:
        """The merged map (N, C, h, w), its cells having seen each other and the vector of :func:`context_of`."""
        if self.relations is None:
            return merged
        return self.relations(merged, self.where(merged), context)

    def forward(self, features: Sequence[Tensor]) -> tuple[Tensor]:
        return (self.related(self.merged(features), context_of(features)), )


def context_of(features: Sequence[Tensor]) -> Tensor:
    """Mean (N, C) over the coarsest of some maps."""
    return features[-1].float().mean((2, 3))
