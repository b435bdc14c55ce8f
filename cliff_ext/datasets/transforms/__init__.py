"""Transforms: crops and patches that keep their place in the full image; pose sequences made noisy, varied, packed."""

from .appearance import ColorNoise, SyntheticOcclusion
from .estimator_noise import EstimatorNoise
from .full_frame_crop import FullFrameCrop, PackHumanInputs
from .load_image import LoadHumanImage
from .patch import BoxToPatch, CropPatch, NoiseRectangle, PackPatchInputs, RandomPatchMove
from .pose_sequence import PackPoseInputs, RootRelative, VaryMotion
from .randomness import random_generator

__all__ = [
    'BoxToPatch', 'ColorNoise', 'CropPatch', 'EstimatorNoise', 'FullFrameCrop', 'LoadHumanImage', 'NoiseRectangle',
    'PackHumanInputs', 'PackPatchInputs', 'PackPoseInputs', 'RandomPatchMove', 'RootRelative', 'SyntheticOcclusion',
    'VaryMotion', 'random_generator'
]
