from .import_hooks import install
from .packages import PackageError, require

__all__ = ['PackageError', 'install', 'require']
