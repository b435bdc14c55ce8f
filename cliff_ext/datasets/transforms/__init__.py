"""Transforms that keep a crop's place in the full image."""

from .full_frame_crop import FullFrameCrop, PackHumanInputs

__all__ = ['FullFrameCrop', 'PackHumanInputs']
