"""The one name of torchvision that mmpose imports, for machines without torchvision."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NAMES = ('torchvision', 'torchvision.transforms')


class ToPILImage:
    """Turns a picture into a PIL image, as ``torchvision.transforms.ToPILImage`` does for 1 and 3 channels.

    Convention: tensors are (C, H, W) or (H, W), floats in [0, 1] or uint8; arrays are (H, W, C) or (H, W), uint8.
    """

    def __call__(self, picture: Any) -> Any:
        import numpy as np
        from PIL import Image
        if not isinstance(picture, np.ndarray):
            tensor = picture.detach().cpu()
            if tensor.is_floating_point():
                tensor = tensor.mul(255).byte()
            picture = (tensor.permute(1, 2, 0) if tensor.ndim == 3 else tensor).numpy()
        if picture.dtype != np.uint8:
            raise TypeError(f'ToPILImage (stand-in of cliff_ext): arrays must be uint8, got {picture.dtype}.')
        if picture.ndim == 3 and picture.shape[2] not in (1, 3):
            raise ValueError('ToPILImage (stand-in of cliff_ext): 1 or 3 channels wanted, got shape '
                             f'{picture.shape}. Install a torchvision that matches your torch.')
        return Image.fromarray(picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture)


def _module(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None, origin='cliff_ext', is_package=name == NAMES[0])

    def missing(attribute: str) -> Any:
        raise AttributeError(f'{name}.{attribute}: torchvision is not installed; cliff_ext stands in for '
                             'torchvision.transforms.ToPILImage only. Install a torchvision that matches your torch.')

    module.__getattr__ = missing
    return module


@contextmanager
def present_while_importing() -> Iterator[None]:
    """Puts the stand-in into ``sys.modules`` for the time of one import, unless torchvision is installed."""
    if 'torchvision' in sys.modules or importlib.util.find_spec('torchvision') is not None:
        yield
        return
    package, transforms = (_module(name) for name in NAMES)
    package.__path__ = []
    package.transforms = transforms
    transforms.ToPILImage = ToPILImage
    sys.modules.update(zip(NAMES, (package, transforms), strict=True))
    try:
        yield
    finally:
        for name in NAMES:
            sys.modules.pop(name, None)
