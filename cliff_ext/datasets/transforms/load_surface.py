"""Reading which points of which bodies a picture shows, where a data set was rendered with that."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from cliff_ext.io import MediaError
from cliff_ext.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadSurface(BaseTransform):
    """Reads the map of a picture's seen vertices and keeps one person's.

    The map is a 16 bit grey PNG of every second pixel. It counts the vertices of all people of the picture on, from 1, in
    the order in which the annotation lists them; 0 is nobody.

    Required keys: ``img_path``, ``img``, ``person``.
    Added keys: ``surface`` (H / 2, W / 2) uint16, 1 + the person's vertex, 0 elsewhere.

    Args:
        image_folder: Folder in ``img_path``.
        folder: What the folder of the maps is called instead; files have the pictures' names and end in ``.png``.
        vertices: Vertices of a body.

    Raises:
        MediaError: No such file, or not such a map of this picture.
    """

    def __init__(self, image_folder: str = 'images', folder: str = 'surface', vertices: int = 6890) -> None:
        self.image_folder = image_folder
        self.folder = folder
        self.vertices = vertices

    def transform(self, results: dict) -> dict:
        parts = list(Path(results['img_path']).with_suffix('.png').parts)
        if self.image_folder not in parts:
            raise MediaError(f'{results["img_path"]}: no folder {self.image_folder!r} in it, so no {self.folder!r} near it')
        parts[len(parts) - 1 - parts[::-1].index(self.image_folder)] = self.folder
        path = Path(*parts)
        if not path.is_file():
            raise MediaError(f'{path}: no such map of the surface; render it with projects/synthetic_humans/generate.py, or '
                             'take LoadSurface and SurfaceLoss out of the config')
        everybody = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        size = tuple(-(-side // 2) for side in results['img'].shape[:2])
        if everybody is None or everybody.dtype != np.uint16 or everybody.shape != size:
            raise MediaError(f'{path}: not a grey 16 bit PNG of {size[1]} x {size[0]} pixels')
        results['surface'] = surface_of_person(everybody, results['person'], self.vertices)
        return results


def surface_of_person(everybody: np.ndarray, person: int, vertices: int = 6890) -> np.ndarray:
    """1 + the vertex of one person, 0 elsewhere, in a map (h, w) that counts the vertices of all people on."""
    vertex = everybody.astype(np.int64) - person * vertices
    return np.where((vertex > 0) & (vertex <= vertices), vertex, 0).astype(np.uint16)
