"""Estimators: backbone, neck and head over data samples."""

from .cliff import CLIFF

__all__ = ['CLIFF']
