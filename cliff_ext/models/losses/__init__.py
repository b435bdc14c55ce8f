"""Losses, registered apart from the networks that they train."""

from .depth_aware_l1 import DepthAwareL1Loss
from .motion_loss import MotionLoss

__all__ = ['DepthAwareL1Loss', 'MotionLoss']
