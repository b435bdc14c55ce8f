"""The one name of torchvision that mmpose imports, for machines without torchvision."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np


class ToPILImage:
    """Turns a (C, H, W) float tensor in [0, 1] or an (H, W, C) uint8 array into a PIL image.

    Stands in for ``torchvision.transforms.ToPILImage`` for 1- and 3-channel pictures.
    """

    def __call__(self, picture: Any) -> Any:
        from PIL import Image
        if not isinstance(picture, np.ndarray):
            array = picture.detach().cpu()
            array = array.mul(255).byte() if array.is_floating_point() else array
            picture = array.permute(1, 2, 0).numpy() if array.ndim == 3 else array.numpy()
        return Image.fromarray(picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture)


def fill(module: ModuleType) -> None:
    """Gives the stand-in its content; any other name says that torchvision is missing."""
    name = module.__name__
    if name == 'torchvision':
        module.__path__ = []
        module.__version__ = '0.0.0'
    else:
        module.ToPILImage = ToPILImage

    def missing(attribute: str) -> Any:
        raise AttributeError(f'{name}.{attribute}: torchvision is not installed; cliff_ext stands in for '
                             'torchvision.transforms.ToPILImage only. Install a torchvision that matches your torch.')

    module.__getattr__ = missing
