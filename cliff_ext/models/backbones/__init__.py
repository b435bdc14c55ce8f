"""Backbones that mmdet lacks."""

from .cls_hrnet import ClsHRNet
from .efficientnet_lite import EfficientNetLite, load_imagenet

__all__ = ['ClsHRNet', 'EfficientNetLite', 'load_imagenet']
