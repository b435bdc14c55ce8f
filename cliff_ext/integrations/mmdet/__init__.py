"""Our modules inside mmdet (3.1 and later): bodies on its trackers and on its two-stage detectors, by config.

Imported when a config names one of these classes, see :mod:`cliff_ext.registry`.
"""

from cliff_ext.integrations.packages import require

require('mmdet')

from .human_truth import AddHumanTruth  # noqa: E402
from .mesh_roi_head import MeshRoIHead  # noqa: E402
from .mesh_tracker import MeshTracker  # noqa: E402
from .people import TrackedPeople  # noqa: E402
from .track_metric import HumanTrackMetric  # noqa: E402

__all__ = ['AddHumanTruth', 'HumanTrackMetric', 'MeshRoIHead', 'MeshTracker', 'TrackedPeople']
