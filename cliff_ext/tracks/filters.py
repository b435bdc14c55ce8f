"""Classical filters on arrays whose first axis is time; rotations go through their 6D form.

Not for tracks with gaps: time steps are one frame each, and every value must be finite. The registered transforms in
:mod:`cliff_ext.tracks.classical` see to that.

Convention:
    Arrays are (T, ...), results have the same shape and type. Times and frequencies are in frames, not seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.ndimage
import scipy.signal
import torch

from cliff_ext.geometry import rot6d_to_rotmat, rotmat_to_rot6d

ArrayFilter = Callable[[np.ndarray], np.ndarray]


def savitzky_golay(x: np.ndarray, window: int = 31, order: int = 2) -> np.ndarray:
    """Fits a polynomial to each frame's neighbourhood [Savitzky and Golay 1964].

    Args:
        x: (T, ...).
        window: Frames per fit; an even number counts as the odd one below, a sequence shorter than the window is fitted with
            the largest odd window that it holds.
        order: Degree, lowered where the window is too short for it.

    Returns:
        (T, ...); the ends follow the first and last window's own polynomial.
    """
    window = min(window, len(x))
    window -= 1 - window % 2
    if window < 3:
        return x.copy()
    return scipy.signal.savgol_filter(x, window, min(order, window - 1), axis=0).astype(x.dtype)


def gaussian1d(x: np.ndarray, sigma: float = 3.) -> np.ndarray:
    """Gaussian mean over time, cut off at 4 sigma.

    Near the ends, where its weights are lopsided, it is the Gaussian-weighted straight line through the frames that there
    are [Cleveland 1979], so a steady motion passes unchanged and the ends are smoothed, too.

    Args:
        x: (T, ...).
        sigma: Frames.
    """
    radius = int(4 * sigma + 0.5)
    if len(x) < 2 or radius < 1:
        return x.copy()
    lag = np.arange(-radius, radius + 1.)
    weight = np.exp(-0.5 * (lag / sigma)**2)
    values = x.reshape(len(x), -1).astype(np.float64)
    ones = np.ones((len(x), 1))

    def total(of: np.ndarray, power: int) -> np.ndarray:
        return scipy.ndimage.correlate1d(of, weight * lag**power, axis=0, mode='constant')

    mass, lean, spread = (total(ones, power) for power in range(3))
    smooth = (spread * total(values, 0) - lean * total(values, 1)) / (mass * spread - lean**2)
    return smooth.reshape(x.shape).astype(x.dtype)


def gaussian1d_chunks(x: np.ndarray, sigma: float = 3., window: int = 31) -> np.ndarray:
    """SmoothNet's published Gaussian baseline: separate chunks of ``window`` frames, the rest at the end left unfiltered.

    Only for comparing with published figures; :func:`gaussian1d` is the filter to use.
    """
    window = min(window - 1 + window % 2, len(x))
    whole = len(x) // max(window, 1) * window
    chunks = x[:whole].reshape(-1, window, *x.shape[1:])
    smooth = scipy.ndimage.gaussian_filter1d(chunks.astype(np.float64), sigma, axis=1)
    return np.concatenate([smooth.reshape(whole, *x.shape[1:]), x[whole:]]).astype(x.dtype)


def gaussian1d_median(x: np.ndarray, sigma: float = 4., window: int = 11) -> np.ndarray:
    """mmhuman3d's published Gaussian filter: a median over neighbouring joints *and* frames, then a Gaussian mean.

    Only for comparing with published figures; joints of (T, K, C) are mixed by their order in the skeleton.
    """
    median = scipy.ndimage.median_filter(x, (window, window, 1), mode='constant')
    return scipy.ndimage.gaussian_filter1d(median, sigma, axis=0)


def one_euro(x: np.ndarray, min_cutoff: float = 0.04, beta: float = 0.7, d_cutoff: float = 1.) -> np.ndarray:
    """Low pass whose cutoff rises with speed; causal, the first frame passes [Casiez, Roussel and Vogel, CHI 2012].

    Args:
        x: (T, ...); all values of a frame are filtered at once, each on its own.
        min_cutoff: Cutoff at rest, cycles per frame; lower removes more jitter.
        beta: Growth of the cutoff with speed; higher lags less.
        d_cutoff: Cutoff of the speed itself.
    """
    def weight(cutoff: np.ndarray | float) -> np.ndarray | float:
        rate = 2 * np.pi * cutoff
        return rate / (rate + 1)

    smooth = x.copy()
    speed = np.zeros(x.shape[1:], x.dtype)
    steady = weight(d_cutoff)
    for t in range(1, len(x)):
        last = smooth[t - 1]
        speed = steady * (x[t] - last) + (1 - steady) * speed
        share = weight(min_cutoff + beta * np.abs(speed))
        smooth[t] = share * x[t] + (1 - share) * last
    return smooth


def filter_rotations(rotmats: np.ndarray, smooth: ArrayFilter) -> np.ndarray:
    """Filters rotation matrices (T, ..., 3, 3) in their 6D form, which has no jumps, and makes them rotations again."""
    values = rotmat_to_rot6d(torch.from_numpy(np.ascontiguousarray(rotmats)))
    return rot6d_to_rotmat(torch.from_numpy(smooth(values.numpy()))).numpy()
