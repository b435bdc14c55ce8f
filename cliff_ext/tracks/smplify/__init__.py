"""SMPLify: bodies fitted to 2D keypoints, single frames or whole films at once."""

from .base import Fit
from .choice import FitOrPrediction
from .fit import SMPLifyFit
from .minimize import BatchAdam, BatchLBFGS, Minimizer
from .report import FitReport, project_joints, reprojection_error
from .stages import BodyStage, CameraStage, Stage

__all__ = [
    'BatchAdam', 'BatchLBFGS', 'BodyStage', 'CameraStage', 'Fit', 'FitOrPrediction', 'FitReport', 'Minimizer', 'SMPLifyFit',
    'Stage', 'project_joints', 'reprojection_error'
]
