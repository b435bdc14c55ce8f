"""The original picture behind a sample: mmdet's pipelines resize and pad, a body is estimated from the full frame."""

from __future__ import annotations

import cv2
import mmcv
import numpy as np
from mmdet.models.data_preprocessors import TrackDataPreprocessor
from mmdet.structures import DetDataSample
from mmengine.fileio import get
from torch import Tensor


def read_frame(sample: DetDataSample, backend_args: dict | None = None) -> np.ndarray:
    """The picture (H, W, 3), BGR in [0, 255], in a sample's ``img_path``.

    Raises:
        ValueError: It cannot be decoded, or its size is not the sample's ``ori_shape``.
    """
    frame = mmcv.imfrombytes(get(sample.img_path, backend_args=backend_args))
    if frame is None or frame.shape[:2] != tuple(sample.ori_shape[:2]):
        size = 'unreadable' if frame is None else f'{frame.shape[1]} x {frame.shape[0]} pixels'
        raise ValueError(f'{sample.img_path}: the picture is {size}, ori_shape says {sample.ori_shape[1]} x '
                         f'{sample.ori_shape[0]}; boxes and picture must be of one frame')
    return frame


def scaled_back(inputs: Tensor, sample: DetDataSample, preprocessor: TrackDataPreprocessor) -> np.ndarray:
    """The picture (H, W, 3), BGR in [0, 255], as far as a tracker's input shows it; for frames that come from no file.

    Args:
        inputs: (3, h, w), resized, padded at the right and below, and normalised.
        sample: With ``ori_shape``, and ``scale_factor`` where it was resized.
        preprocessor: What normalised it.
    """
    picture = inputs.detach().float().cpu()
    if preprocessor._enable_normalize:
        picture = picture * preprocessor.std.view(-1, 1, 1).cpu() + preprocessor.mean.view(-1, 1, 1).cpu()
    if preprocessor._channel_conversion:
        picture = picture.flip(0)
    height, width = sample.ori_shape[:2]
    across, down = sample.get('scale_factor', (1., 1.))
    visible = picture[:, :round(height * down), :round(width * across)].clamp(0, 255)
    return cv2.resize(visible.permute(1, 2, 0).numpy(), (width, height), interpolation=cv2.INTER_LINEAR)
