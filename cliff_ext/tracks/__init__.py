"""Track transforms, composed in configs as ``track_pipeline=[...]``: infill, joining, filters, learned refinement, fits."""

from .base import TrackPipeline, TrackTransform
from .brief import DropBrief
from .classical import Gaussian1D, OneEuro, SavitzkyGolay
from .infill import Infill
from .join import JoinTracks
from .keypoints import attach_keypoints
from .learned import LearnedRefine
from .representation import REPRESENTATIONS, Representation, root_joints
from .shape import RobustBetas
from .smplify import Fit, FitOrPrediction, FitReport, SMPLifyFit, project_joints

__all__ = [
    'DropBrief', 'Fit', 'FitOrPrediction', 'FitReport', 'Gaussian1D', 'Infill', 'JoinTracks', 'LearnedRefine', 'OneEuro',
    'REPRESENTATIONS', 'Representation', 'RobustBetas', 'SMPLifyFit', 'SavitzkyGolay', 'TrackPipeline',
    'TrackTransform', 'attach_keypoints', 'project_joints', 'root_joints'
]
