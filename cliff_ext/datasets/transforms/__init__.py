"""Transforms: crops and patches that keep their place in the full image, and augment it; pose sequences made noisy."""

from .appearance import ColorNoise, PasteOccluder
from .estimator_noise import EstimatorNoise
from .full_frame_crop import FullFrameCrop, PackHumanInputs
from .load_image import LoadHumanImage
from .load_surface import LoadSurface
from .move_box import ExtremeCrop, RandomBoxScale
from .move_frame import RandomFrameFlip, RandomFrameRotate, move_frame
from .patch import BoxToPatch, CropPatch, NoiseRectangle, PackPatchInputs, RandomPatchMove
from .pose_sequence import PackPoseWindow, RootRelative, VaryMotion
from .randomness import random_generator

__all__ = [
    'BoxToPatch', 'ColorNoise', 'CropPatch', 'EstimatorNoise', 'ExtremeCrop', 'FullFrameCrop', 'LoadHumanImage',
    'LoadSurface', 'NoiseRectangle', 'PackHumanInputs', 'PackPatchInputs', 'PackPoseWindow', 'PasteOccluder',
    'RandomBoxScale', 'RandomFrameFlip', 'RandomFrameRotate', 'RandomPatchMove', 'RootRelative', 'VaryMotion', 'move_frame',
    'random_generator'
]
