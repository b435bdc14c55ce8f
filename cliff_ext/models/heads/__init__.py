"""Heads; none imports mmcv or mmdet, so they also run beside mmcv 1.x."""

from .cliff_head import CLIFFHead, CLIFFHeadOutput

__all__ = ['CLIFFHead', 'CLIFFHeadOutput']
