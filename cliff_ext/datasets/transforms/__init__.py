"""Transforms: crops that keep their place in the full image; pose sequences made noisy, varied and packed."""

from .estimator_noise import EstimatorNoise
from .full_frame_crop import FullFrameCrop, PackHumanInputs
from .pose_sequence import PackPoseInputs, RootRelative, VaryMotion

__all__ = ['EstimatorNoise', 'FullFrameCrop', 'PackHumanInputs', 'PackPoseInputs', 'RootRelative', 'VaryMotion']
