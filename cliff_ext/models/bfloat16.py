"""Where bfloat16 pays."""

from __future__ import annotations

import functools
import logging

import torch
from mmengine.logging import print_log


def bfloat16_is_fast(device: torch.device | str) -> bool:
    """Whether a device has instructions for bfloat16; all but processors without AVX-512 or AMX are taken to have them."""
    return torch.device(device).type != 'cpu' or torch.ops.mkldnn._is_mkldnn_bf16_supported()


@functools.cache
def warn_of_slow_bfloat16(device: torch.device | str) -> None:
    """Says once that bfloat16 was asked for and will be slow, where that is so."""
    if not bfloat16_is_fast(device):
        print_log('bfloat16 was asked for, but this processor has no instructions for it: results will be right, and tens '
                  'of times slower than in float32', logger='current', level=logging.WARNING)
