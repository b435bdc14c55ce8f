"""Necks."""

from .vector import FlattenMap, GlobalPool

__all__ = ['FlattenMap', 'GlobalPool']
