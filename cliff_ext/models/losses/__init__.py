"""Losses, registered apart from the networks that they train."""

from .motion_loss import MotionLoss

__all__ = ['MotionLoss']
