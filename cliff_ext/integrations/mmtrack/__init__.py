"""The scope ``mmtrack`` where mmtrack is not installed: its trackers live in mmdet since 3.1, under nearly the same names.

A config written for mmtrack 1.x runs as it is, for testing. :mod:`.renamed` has the few classes whose names or arguments
changed on the way; everything else is mmdet's own class. Not there: single-object tracking, video detection and Tracktor,
which mmdet did not take over, and training, whose data sets changed more than a name.
"""

from . import renamed  # noqa: F401  (registers the older names)
from .registry import ALIASES, AliasRegistry

__all__ = ['ALIASES', 'AliasRegistry']
