"""What a user calls from Python; `tools/` call only this."""

from .detection import BoxFile, MMDetDetector
from .estimation import Estimator, build_model
from .evaluation import evaluate_tracks, mesh_errors
from .identity import BestPerson, FrameBoxes, TrackerIdentity
from .inferencer import HumanMeshInferencer, InferenceError, InferenceResult
from .paths import config_root, resolve

__all__ = [
    'BestPerson', 'BoxFile', 'Estimator', 'FrameBoxes', 'HumanMeshInferencer', 'InferenceError', 'InferenceResult',
    'MMDetDetector', 'TrackerIdentity', 'build_model', 'config_root', 'evaluate_tracks', 'mesh_errors', 'resolve'
]
