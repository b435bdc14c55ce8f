"""Backbones that mmdet lacks. Built on mmdet's, which is imported when one is asked for, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cliff_ext.registry import MODELS

if TYPE_CHECKING:
    from .cls_hrnet import ClsHRNet

__all__ = ['ClsHRNet']


def __getattr__(name: str) -> Any:
    if name == 'ClsHRNet':
        from .cls_hrnet import ClsHRNet
        return ClsHRNet
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


@MODELS.register_module(name='ClsHRNet')
def build_cls_hrnet(**kwargs: object) -> ClsHRNet:
    """A :class:`.cls_hrnet.ClsHRNet`; needs mmdet."""
    from .cls_hrnet import ClsHRNet
    return ClsHRNet(**kwargs)
