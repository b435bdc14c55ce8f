"""What a user calls from Python; `tools/` call only this."""

from .detection import BoxFile, MMDetDetector
from .identity import BestPerson, FrameBoxes, TrackerIdentity
from .inferencer import HumanMeshInferencer, InferenceError, InferenceResult
from .paths import config_root, resolve

__all__ = [
    'BestPerson', 'BoxFile', 'FrameBoxes', 'HumanMeshInferencer', 'InferenceError', 'InferenceResult', 'MMDetDetector',
    'TrackerIdentity', 'config_root', 'resolve'
]
