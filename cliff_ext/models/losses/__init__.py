"""Losses, registered apart from the networks that they train."""

from .human_mesh_loss import HumanMeshLoss, HumanTargets
from .motion_loss import MotionLoss

__all__ = ['HumanMeshLoss', 'HumanTargets', 'MotionLoss']
