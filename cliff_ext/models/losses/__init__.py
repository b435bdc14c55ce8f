"""Losses, registered apart from the networks that they train, and the terms of fits."""

from .depth_aware_l1 import DepthAwareL1Loss
from .human_mesh_loss import HumanMeshLoss, HumanTargets
from .motion_loss import MotionLoss
from .part_loss import PartLoss
from .rendered_human_loss import RenderedHumanLoss
from .smplify import body_loss, camera_loss, choose_torso, motion_energy, reprojection_loss
from .surface_loss import SurfaceLoss

__all__ = [
    'DepthAwareL1Loss', 'HumanMeshLoss', 'HumanTargets', 'MotionLoss', 'PartLoss', 'RenderedHumanLoss', 'SurfaceLoss',
    'body_loss', 'camera_loss', 'choose_torso', 'motion_energy', 'reprojection_loss'
]
