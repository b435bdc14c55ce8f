"""Losses, registered apart from the networks that they train."""

from .depth_aware_l1 import DepthAwareL1Loss
from .human_mesh_loss import HumanMeshLoss, HumanTargets
from .motion_loss import MotionLoss

__all__ = ['DepthAwareL1Loss', 'HumanMeshLoss', 'HumanTargets', 'MotionLoss']
