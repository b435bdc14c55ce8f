"""Necks."""

from .global_pool import GlobalPool

__all__ = ['GlobalPool']
