"""Necks: feature maps to the vector that :class:`~cliff_ext.models.CLIFFHead` takes."""

from .global_pool import GlobalPool
from .part_attention import PartAttention, PartFeatures

__all__ = ['GlobalPool', 'PartAttention', 'PartFeatures']
