"""Necks: feature maps to the vector that :class:`~cliff_ext.models.CLIFFHead` takes, or to one map."""

from .global_pool import GlobalPool
from .part_attention import PartAttention, PartFeatures, first_place
from .related_top_down import RelatedTopDown, context_of
from .top_down import TopDown

__all__ = ['GlobalPool', 'PartAttention', 'PartFeatures', 'RelatedTopDown', 'TopDown', 'context_of', 'first_place']
