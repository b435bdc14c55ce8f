"""Estimators: backbone, neck and head over data samples."""

from .cliff import CLIFF
from .posenet import PoseNet
from .rootnet import RootNet

__all__ = ['CLIFF', 'PoseNet', 'RootNet']
