"""Backbones that mmdet lacks."""

from .cls_hrnet import ClsHRNet

__all__ = ['ClsHRNet']
