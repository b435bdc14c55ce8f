"""Reading a person's picture when it is needed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from cliff_ext.io import MediaError
from cliff_ext.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadHumanImage(BaseTransform):
    """Reads the full image.

    Required keys: ``img_path``; optional ``image_size`` (width, height) that the annotation states.
    Added keys: ``img`` (H, W, 3) uint8, BGR; ``image_size``.

    Raises:
        MediaError: No such file, not an image, or one of another size than the annotation states: its pixels would not be
            the annotation's.
    """

    def transform(self, results: dict) -> dict:
        path = Path(results['img_path'])
        if not path.is_file():
            raise MediaError(f'{path}: no such image')
        data = np.fromfile(path, np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
        if image is None:
            raise MediaError(f'{path}: not a readable image')
        size = image.shape[1::-1]
        stated = results.get('image_size')
        if stated is not None and tuple(stated) != size:
            raise MediaError(f'{path}: the image has {size[0]} x {size[1]} pixels, its annotation says '
                             f'{stated[0]:g} x {stated[1]:g}; take the images that were annotated, or convert again')
        results['img'], results['image_size'] = image, size
        return results
