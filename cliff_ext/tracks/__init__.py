"""Track transforms, composed in configs as ``track_pipeline=[...]``: infill, joining, filters, learned refinement."""

from .base import TrackPipeline, TrackTransform
from .classical import Gaussian1D, OneEuro, SavitzkyGolay
from .infill import Infill
from .join import JoinTracks
from .learned import LearnedRefine
from .representation import REPRESENTATIONS, Representation, root_joints
from .shape import RobustBetas

__all__ = [
    'Gaussian1D', 'Infill', 'JoinTracks', 'LearnedRefine', 'OneEuro', 'REPRESENTATIONS', 'Representation', 'RobustBetas',
    'SavitzkyGolay', 'TrackPipeline', 'TrackTransform', 'root_joints'
]
