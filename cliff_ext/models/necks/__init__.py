"""Necks: feature maps to the vector that :class:`~cliff_ext.models.CLIFFHead` takes, or to one map."""

from .global_pool import GlobalPool
from .part_attention import PartAttention, PartFeatures, context_of, first_place
from .top_down import TopDown

__all__ = ['GlobalPool', 'PartAttention', 'PartFeatures', 'TopDown', 'context_of', 'first_place']
