"""Transforms: crops that keep their place in the full image, and augment it; pose sequences made noisy."""

from .appearance import ColorNoise, SyntheticOcclusion
from .estimator_noise import EstimatorNoise
from .full_frame_crop import FullFrameCrop, PackHumanInputs
from .load_image import LoadHumanImage
from .move_box import ExtremeCrop, RandomBoxScale
from .move_frame import RandomFrameFlip, RandomFrameRotate, move_frame
from .pose_sequence import PackPoseInputs, RootRelative, VaryMotion
from .randomness import random_generator

__all__ = [
    'ColorNoise', 'EstimatorNoise', 'ExtremeCrop', 'FullFrameCrop', 'LoadHumanImage', 'PackHumanInputs', 'PackPoseInputs',
    'RandomBoxScale', 'RandomFrameFlip', 'RandomFrameRotate', 'RootRelative', 'SyntheticOcclusion', 'VaryMotion',
    'move_frame', 'random_generator'
]
