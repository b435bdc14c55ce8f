"""Losses, registered apart from the networks that they train, and the terms of fits."""

from .motion_loss import MotionLoss
from .smplify import body_loss, camera_loss, choose_torso, motion_energy, reprojection_loss

__all__ = ['MotionLoss', 'body_loss', 'camera_loss', 'choose_torso', 'motion_energy', 'reprojection_loss']
