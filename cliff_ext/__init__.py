"""cliff_ext: human mesh recovery in the full camera, as OpenMMLab modules.

Importing the package costs almost nothing: it only arms lazy import hooks, so that the OpenMMLab packages also work
where ``mmcv`` comes without its compiled extension (see :mod:`cliff_ext.integrations`).
"""

from cliff_ext.integrations import install as _install

__version__ = '0.1.0'

_install()
