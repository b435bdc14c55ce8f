"""Windows over a sequence and the mean of their overlaps; knows no network.

Shapes: a sequence is (T, C), or has leading dimensions such as views, (V, T, C). A stack of its windows has the window's
number first: (M, W, C), or (M, V, W, C).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor


def window_starts(length: int, window: int, step: int) -> Tensor:
    """First frames of the windows that cover a sequence.

    Args:
        length: Frames of the sequence, T.
        window: Frames of a window, W.
        step: Frames from one window to the next, at most W.

    Returns:
        (M,) int64, rising. The last window ends with the sequence, also where ``step`` would not lead there.

    Raises:
        ValueError: The sequence is shorter than a window, or the step leaves frames out.

    Example:
        >>> window_starts(10, 4, 3).tolist(), window_starts(11, 4, 3).tolist()
        ([0, 3, 6], [0, 3, 6, 7])
    """
    if not 1 <= step <= window:
        raise ValueError(f'a step of {step} frames with windows of {window} leaves frames out; take 1 to {window}')
    if length < window:
        raise ValueError(f'{length} frames do not fill a window of {window}; refine_sequence pads short sequences')
    starts = torch.arange(0, length - window + 1, step)
    last = length - window
    return starts if starts[-1] == last else torch.cat([starts, starts.new_tensor([last])])


def average_windows(windows: Tensor, starts: Tensor, length: int) -> Tensor:
    """Mean, frame by frame, of all windows that cover a frame.

    Args:
        windows: (M, W, C) or (M, ..., W, C).
        starts: (M,) first frames, rising; steps may vary.
        length: Frames of the sequence, T.

    Returns:
        (T, C) or (..., T, C), at least float32.

    Raises:
        ValueError: The starts do not rise, lead outside the sequence, or leave a frame without a window.
    """
    if len(windows) != len(starts):
        raise ValueError(f'{len(windows)} windows but {len(starts)} starts; give one start for each window')
    counts = _counts(starts, windows.shape[-2], length).to(windows.device)
    total = windows.new_zeros(*windows.shape[1:-2], length, windows.shape[-1], dtype=_sum_dtype(windows.dtype))
    _add_windows(total, windows, starts)
    return total.div_(counts[:, None])


def cut_windows(frames: Tensor, window: int, step: int) -> Tensor:
    """Windows ``step`` frames apart, (F, C) or (..., F, C) to (M, W, C) or (M, ..., W, C): a view."""
    return frames.unfold(-2, window, step).transpose(-1, -2).movedim(-3, 0)


def refine_sequence(refine: Callable[[Tensor], Tensor], sequence: Tensor, window: int, step: int = 1,
                    chunk: int = 128) -> Tensor:
    """Runs a window-wise refiner over a whole sequence and averages the overlaps, ``chunk`` windows at a time.

    A sequence shorter than a window is filled up by repeating its last frame, refined, and cut again. Only one chunk of
    windows exists at a time, so memory does not grow with the windows' overlap.

    Args:
        refine: Takes (n, W, C) to (n, W, D), n up to ``chunk``; with leading dimensions (n, ..., W, C). D may be C, or
            hold more to be averaged along.
        sequence: (T, C) or (..., T, C), e.g. (V, T, C) for V views; finite.
        window: Frames of a window, W.
        step: Frames from one window to the next, at most W.
        chunk: Windows given to ``refine`` at a time.

    Returns:
        (T, D) or (..., T, D), of the sequence's type.

    Raises:
        ValueError: An empty sequence, a bad step, or a refiner that changes the windows' number or length.
    """

    def cut_and_refine(frames: Tensor, step: int) -> Tensor:
        return refine(cut_windows(frames, window, step).contiguous())

    return refine_stretches(cut_and_refine, sequence, window, step, chunk)


@torch.no_grad()
def refine_stretches(refine: Callable[[Tensor, int], Tensor], sequence: Tensor, window: int, step: int = 1,
                     chunk: int = 128) -> Tensor:
    """As :func:`refine_sequence`, for a refiner that cuts the windows itself and may share work among them.

    Args:
        refine: Takes a stretch of frames (F, C) or (..., F, C), and the step from one of its windows to the next, to its
            refined windows (n, W, D) or (n, ..., W, D), as :func:`cut_windows` numbers them; n is up to ``chunk``.
        sequence: (T, C) or (..., T, C); finite.
        window: Frames of a window, W.
        step: Frames from one window to the next, at most W; only the sequence's last window may be nearer.
        chunk: Windows of a stretch.

    Returns:
        (T, D) or (..., T, D), of the sequence's type.

    Raises:
        ValueError: As :func:`refine_sequence`.
    """
    length = sequence.shape[-2]
    if not length:
        raise ValueError('the sequence has no frames; leave empty tracks out before refining')
    if length < window:
        tail = sequence[..., -1:, :].expand(*sequence.shape[:-2], window - length, -1)
        return refine_stretches(refine, torch.cat([sequence, tail], -2), window, step, chunk)[..., :length, :]
    starts = window_starts(length, window, step)
    total = None
    for begin, count, gap in (run for some in starts.split(chunk) for run in _runs(some)):
        frames = slice(begin, begin + gap * (count - 1) + window)
        refined = refine(sequence[..., frames, :], gap)
        wanted = (count, *sequence.shape[:-2], window)
        if refined.shape[:-1] != wanted:
            raise ValueError(f'the refiner took {(*wanted, sequence.shape[-1])} to {tuple(refined.shape)}; it must keep all '
                             'but the last dimension')
        if total is None:
            total = sequence.new_zeros(*sequence.shape[:-1], refined.shape[-1], dtype=_sum_dtype(sequence.dtype))
        _add_run(total[..., frames, :], refined.contiguous(), gap)
    counts = _counts(starts, window, length).to(total.device)
    return total.div_(counts[:, None]).to(sequence.dtype)


def _sum_dtype(dtype: torch.dtype) -> torch.dtype:
    return torch.promote_types(dtype, torch.float32)


def _counts(starts: Tensor, window: int, length: int) -> Tensor:
    """How many windows cover each frame, (T,)."""
    if len(starts) == 0 or starts[0] < 0 or starts[-1] + window > length or (starts.diff() <= 0).any():
        raise ValueError(f'starts must rise and keep windows of {window} frames within 0 to {length}, '
                         f'got {starts.tolist()[:8]} … {starts.tolist()[-1:]}')
    change = torch.zeros(length + 1, dtype=torch.int64)
    change[starts.cpu()] += 1
    change[starts.cpu() + window] -= 1
    counts = change.cumsum(0)[:length]
    if not counts.all():
        raise ValueError(f'frame {int((counts == 0).nonzero()[0])} is covered by no window; see window_starts')
    return counts


def _add_windows(total: Tensor, windows: Tensor, starts: Tensor) -> None:
    """Adds windows (M, ..., W, C) onto ``total`` (..., T, C)."""
    first = 0
    for begin, count, step in _runs(starts):
        frames = total[..., begin:begin + step * (count - 1) + windows.shape[-2], :]
        _add_run(frames, windows[first:first + count].contiguous(), step)
        first += count


def _add_run(frames: Tensor, windows: Tensor, step: int) -> None:
    """Adds windows at equal steps onto the frames that they span; windows of zeros stand in beyond both ends."""
    count, margin = len(windows), -(-windows.shape[-2] // step) - 1
    zeros = windows.new_zeros(margin, *windows.shape[1:])
    if count <= margin:
        frames += _inner_sums(torch.cat([zeros, windows, zeros]), step, margin, frames.dtype)[..., :frames.shape[-2], :]
        return
    inner, after = step * margin, step * count
    if margin:
        frames[..., :inner, :] += _inner_sums(torch.cat([zeros, windows[:margin]]), step, margin, frames.dtype)
        tail = frames[..., after:, :]
        tail += _inner_sums(torch.cat([windows[-margin:], zeros]), step, margin, frames.dtype)[..., :tail.shape[-2], :]
    frames[..., inner:after, :] += _inner_sums(windows, step, margin, frames.dtype)


def _inner_sums(windows: Tensor, step: int, margin: int, dtype: torch.dtype) -> Tensor:
    """Sums over the frames that as many windows reach as can, (..., step * (M - margin), C).

    All entries that fall on one frame lie at a constant distance in memory, so that each sum is one strided reduction.

    Args:
        windows: (M, ..., W, C), contiguous.
        step: Frames from one window to the next.
        margin: Most windows over one frame, less one.
        dtype: Type of the sums.
    """
    size, rows = windows.shape[-2], len(windows) - margin
    next_window, next_frame = windows.stride(0), windows.stride(-2)
    sums = windows.new_empty(*windows.shape[1:-2], rows, step, windows.shape[-1], dtype=dtype)
    for phase in range(step):
        depth = -(-(size - phase) // step)
        shape = (depth, *windows.shape[1:-2], rows, windows.shape[-1])
        strides = (next_window - step * next_frame, *windows.stride()[1:-2], next_window, windows.stride(-1))
        first = (margin + 1 - depth) * next_window + (phase + step * (depth - 1)) * next_frame
        entries = windows.as_strided(shape, strides, windows.storage_offset() + first)
        sums[..., phase, :] = entries.sum(0, dtype=dtype)
    return sums.flatten(-3, -2)


def _runs(starts: Tensor) -> Iterator[tuple[int, int, int]]:
    """Cuts starts into runs of equal steps: first frame, number of windows, step."""
    steps = starts.diff()
    ends = [*((steps.diff() != 0).nonzero()[:, 0] + 1).tolist(), len(starts) - 1]
    first = 0
    for end in ends:
        if end >= first:
            yield int(starts[first]), end - first + 1, int(steps[first]) if end > first else 1
            first = end + 1
