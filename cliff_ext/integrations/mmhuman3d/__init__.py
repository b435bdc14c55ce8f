"""Our modules inside mmhuman3d 0.11, which is built on mmcv 1.x: one import registers them, under the scope ``cliff_ext``.

    custom_imports = dict(imports=['cliff_ext.integrations.mmhuman3d'])

A config of mmhuman3d names them ``cliff_ext.NAME``; its own ``CliffHead``, ``OneEuroFilter`` and so on stay what they are.
Import this before mmhuman3d where PyTorch3D is not installed, see :mod:`.stand_ins`.
"""

from cliff_ext.integrations.packages import require

from .stand_ins import arm

require('mmhuman3d')
require('mmcv', '>=1.3.17,<=1.6.1', 'pip install --no-build-isolation --no-deps mmcv==1.6.1')
arm()

from .body_models import SMPLBody  # noqa: E402
from .datasets import HumanMeshDataset  # noqa: E402
from .heads import CLIFFHead, FeedbackHead  # noqa: E402
from .pipelines import FullFrameCrop  # noqa: E402
from .post_processing import TrackPostProcessing  # noqa: E402
from .registries import registered  # noqa: E402

__all__ = ['CLIFFHead', 'FeedbackHead', 'FullFrameCrop', 'HumanMeshDataset', 'SMPLBody', 'TrackPostProcessing', 'registered']
