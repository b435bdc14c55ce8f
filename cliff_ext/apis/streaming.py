"""Reading ahead and reporting progress while frames stream through."""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar('Item')


def prefetch(items: Iterable[Item], size: int = 8) -> Iterator[Item]:
    """Yields ``items`` while a thread fetches the next ones; at most ``size`` wait. Its errors are raised here."""
    waiting: queue.Queue[tuple[bool, object]] = queue.Queue(size)
    stop = threading.Event()

    def put(entry: tuple[bool, object]) -> None:
        while not stop.is_set():
            try:
                waiting.put(entry, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put((True, item))
                if stop.is_set():
                    return
            put((False, None))
        except Exception as error:
            put((False, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            more, value = waiting.get()
            if more:
                yield value  # type: ignore[misc]
            elif value is None:
                return
            else:
                raise value  # type: ignore[misc]
    finally:
        stop.set()
        thread.join()


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of up to ``size`` items."""
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def whole_groups(groups: Sequence[int], size: int) -> int:
    """How many of some items to take so that none of their groups, which follow one another, is divided.

    Args:
        groups: Of each item, one at least.
        size: The most to take, unless the first group alone is larger.
    """
    ends = [i for i in range(1, len(groups)) if groups[i] != groups[i - 1]] + [len(groups)]
    return max((end for end in ends if end <= size), default=ends[0])


class StageClock:
    """Seconds spent in each stage of a pipeline."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time of the block to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start
