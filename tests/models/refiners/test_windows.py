import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cliff_ext.models.refiners import average_windows, refine_sequence, window_starts
from cliff_ext.models.refiners.windows import cut_windows, refine_stretches


def plain_mean(windows, starts, length):
    """Frame by frame, in float64."""
    total = torch.zeros(*windows.shape[1:-2], length, windows.shape[-1], dtype=torch.float64)
    count = torch.zeros(length, 1, dtype=torch.float64)
    for window, start in zip(windows, starts.tolist(), strict=True):
        total[..., start:start + windows.shape[-2], :] += window
        count[start:start + windows.shape[-2]] += 1
    return total / count


@given(length=st.integers(1, 60), window=st.integers(1, 20), step=st.integers(1, 20))
def test_starts_cover_every_frame_and_stay_inside(length, window, step):
    if step > window or length < window:
        with pytest.raises(ValueError, match='frames'):
            window_starts(length, window, step)
        return
    starts = window_starts(length, window, step)
    covered = torch.zeros(length)
    for start in starts.tolist():
        covered[start:start + window] += 1
    assert covered.min() >= 1 and starts[0] == 0 and starts[-1] == length - window
    assert (starts.diff() > 0).all() and (starts.diff() <= step).all()


@given(length=st.integers(1, 70), window=st.integers(1, 20), step=st.integers(1, 20),
       views=st.sampled_from([(), (3, ), (2, 2)]))
def test_mean_is_the_plain_mean_for_any_step_tail_and_few_windows(length, window, step, views):
    window, step = min(window, length), min(step, window, length)
    starts = window_starts(length, window, step)
    windows = torch.randn(len(starts), *views, window, 3, generator=torch.Generator().manual_seed(length))
    torch.testing.assert_close(average_windows(windows, starts, length).double(), plain_mean(windows, starts, length),
                               atol=2e-6, rtol=0)


@given(gaps=st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_mean_at_uneven_steps(gaps):
    starts = torch.tensor([0, *gaps]).cumsum(0)
    windows = torch.randn(len(starts), 5, 2, generator=torch.Generator().manual_seed(len(gaps)))
    length = int(starts[-1]) + 5
    torch.testing.assert_close(average_windows(windows, starts, length).double(), plain_mean(windows, starts, length),
                               atol=2e-6, rtol=0)


def test_half_precision_is_summed_in_single_and_strides_do_not_matter():
    starts = window_starts(300, 64, 1)
    windows = torch.randn(len(starts), 2, 64)
    crossed = torch.stack([windows, windows], -1)[..., 0].half().transpose(1, 2)
    mean = average_windows(crossed, starts, 300)
    assert mean.dtype == torch.float32 and mean.shape == (300, 2)
    torch.testing.assert_close(mean, plain_mean(crossed, starts, 300).float(), atol=1e-5, rtol=0)


@pytest.mark.parametrize('starts', [[0, 9], [-1, 4], [3, 0], [0, 0]])
def test_starts_outside_or_unordered_are_refused(starts):
    with pytest.raises(ValueError, match='starts must rise'):
        average_windows(torch.zeros(2, 4, 1), torch.tensor(starts), 10)


def test_an_uncovered_frame_is_named_and_counts_must_agree():
    with pytest.raises(ValueError, match='frame 4 is covered by no window'):
        average_windows(torch.zeros(2, 4, 1), torch.tensor([0, 5]), 9)
    with pytest.raises(ValueError, match='2 windows but 3 starts'):
        average_windows(torch.zeros(2, 4, 1), torch.arange(3), 9)


@given(length=st.integers(1, 40), step=st.integers(1, 8), chunk=st.integers(1, 50), views=st.sampled_from([(), (3, )]))
def test_refining_by_chunks_is_refining_all_windows_at_once(length, step, chunk, views):
    sequence = torch.randn(*views, length, 2, generator=torch.Generator().manual_seed(length))
    ramp = torch.linspace(0, 1, 8)[:, None]
    seen = []

    def refine(windows):
        seen.append(len(windows))
        return windows * ramp

    refined = refine_sequence(refine, sequence, 8, step, chunk)
    assert refined.shape == sequence.shape and max(seen) <= chunk
    padded = torch.cat([sequence, sequence[..., -1:, :].expand(*views, max(0, 8 - length), 2)], -2)
    starts = window_starts(padded.shape[-2], 8, step)
    windows = torch.stack([padded[..., s:s + 8, :] for s in starts.tolist()]) * ramp
    torch.testing.assert_close(refined.double(), plain_mean(windows, starts, padded.shape[-2])[..., :length, :], atol=2e-6,
                               rtol=0)


def test_stretches_hold_every_window_once_in_even_steps():
    sequence, seen = torch.arange(23.)[:, None], []

    def refine(frames, step):
        windows = cut_windows(frames, 8, step)
        seen.extend((int(window[0]), len(frames), step) for window in windows)
        return windows

    torch.testing.assert_close(refine_stretches(refine, sequence, 8, 4, 2), sequence)
    assert seen == [(0, 12, 4), (4, 12, 4), (8, 12, 4), (12, 12, 4), (15, 8, 1)]


def test_a_refiner_that_does_nothing_gives_the_sequence_back():
    sequence = torch.randn(100, 5)
    torch.testing.assert_close(refine_sequence(lambda w: w, sequence, 32, 3), sequence, atol=1e-6, rtol=0)


def test_bad_sequences_and_refiners_are_refused():
    with pytest.raises(ValueError, match='no frames'):
        refine_sequence(lambda w: w, torch.zeros(0, 3), 8)
    with pytest.raises(ValueError, match='must keep all but the last'):
        refine_sequence(lambda w: w[:, 1:], torch.zeros(20, 3), 8)
    with pytest.raises(ValueError, match='leaves frames out'):
        refine_sequence(lambda w: w, torch.zeros(20, 3), 8, step=9)
