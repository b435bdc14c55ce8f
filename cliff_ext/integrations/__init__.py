"""Stand-ins for compiled or broken dependencies of OpenMMLab; each steps aside where the real thing works."""

from .import_hooks import install

__all__ = ['install']
