"""The original picture of a sample: mmdet's pipelines resize and pad, a body is estimated from the full frame."""

from __future__ import annotations

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmdet.structures import DetDataSample
from mmengine.fileio import get

from cliff_ext.registry import TRANSFORMS

KEY = 'frame'


@TRANSFORMS.register_module()
class KeepFrame(BaseTransform):
    """Keeps the picture as it was loaded, for frames that come from no file (``mmdet.apis.inference_mot``).

    Stands after the loading step, inside ``TransformBroadcaster``; ``PackTrackInputs(meta_keys=('frame', ))`` packs it.

    Required keys: ``img`` (H, W, 3) BGR. Added keys: ``frame``, the same array.
    """

    def transform(self, results: dict) -> dict:
        results[KEY] = results['img']
        return results


def original_frame(sample: DetDataSample, backend_args: dict | None = None) -> np.ndarray:
    """The picture (H, W, 3), BGR in [0, 255], that a sample was made from: the kept one, or read anew from ``img_path``.

    Raises:
        ValueError: The sample has neither, or the picture's size is not its ``ori_shape``.
    """
    frame = sample.get(KEY)
    path = sample.get('img_path')
    if frame is None and path is None:
        raise ValueError("MeshTracker finds neither frame nor img_path in a data sample's meta information: for frames "
                         "without a file put dict(type='cliff_ext.KeepFrame') after the loading step and give "
                         "PackTrackInputs meta_keys=('frame', )")
    if frame is None:
        frame = mmcv.imfrombytes(get(path, backend_args=backend_args))
    if frame is None or frame.shape[:2] != tuple(sample.ori_shape[:2]):
        size = 'unreadable' if frame is None else f'{frame.shape[1]} x {frame.shape[0]} pixels'
        raise ValueError(f'{path or KEY}: the picture is {size}, ori_shape says {sample.ori_shape[1]} x '
                         f'{sample.ori_shape[0]}; boxes and picture must be of one frame')
    return frame
