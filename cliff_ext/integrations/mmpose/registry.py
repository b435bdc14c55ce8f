"""Our branch of mmpose's registry of keypoint codecs, which is not a child of MMEngine's.

Imported right after ``mmpose.registry`` by the hooks of :mod:`cliff_ext.integrations.import_hooks`.
"""

from mmengine.registry import Registry
from mmpose.registry import KEYPOINT_CODECS as MMPOSE_CODECS

from cliff_ext.registry import SCOPE

KEYPOINT_CODECS = Registry('keypoint codec', parent=MMPOSE_CODECS, scope=SCOPE,
                           locations=['cliff_ext.integrations.mmpose.codecs'])
