"""What a user calls from Python; `tools/` call only this."""

from .detection import BoxFile, MMDetDetector
from .estimation import Estimator, build_model
from .evaluation import evaluate_tracks, mesh_errors
from .fitting import FitResult, build_fit_pipeline, fit_config, fit_file, fit_tracks
from .identity import BestPerson, FrameBoxes, TrackerIdentity
from .inferencer import HumanMeshInferencer, InferenceError, InferenceResult
from .keypoints import MMPoseKeypoints
from .occlusion_order import OcclusionOrder
from .paths import config_root, resolve
from .publishing import publish_weights
from .refinement import RefineReport, build_track_pipeline, refine_file
from .root_pose import RootPoseEstimator
from .steadiness import hide_and_fill, track_jitter

__all__ = [
    'BestPerson', 'BoxFile', 'Estimator', 'FitResult', 'FrameBoxes', 'HumanMeshInferencer', 'InferenceError',
    'InferenceResult', 'MMDetDetector', 'MMPoseKeypoints', 'OcclusionOrder', 'RefineReport', 'RootPoseEstimator',
    'TrackerIdentity', 'build_fit_pipeline', 'build_model', 'build_track_pipeline', 'config_root', 'evaluate_tracks',
    'fit_config', 'fit_file', 'fit_tracks', 'hide_and_fill', 'mesh_errors', 'publish_weights', 'refine_file', 'resolve',
    'track_jitter'
]
