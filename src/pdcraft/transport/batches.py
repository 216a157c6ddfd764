"""Batches of histories on threads: means and standard errors that do not depend on the threads.

A batch is a fixed number of histories. Its random numbers follow from the number of its first
history; finished batches are added in their order, whichever thread ran them. So a run gives the
same numbers to the last bit on any number of threads, and more batches continue a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["default_threads", "in_order", "std_err", "thread_count"]

Result = TypeVar("Result")

_DEFAULT: ContextVar[int | None] = ContextVar("default_threads", default=None)


@contextmanager
def default_threads(threads: int | None) -> Generator[None]:
    """Set the threads of all runs in the block that ask for no number; None: all processors.

    For what runs many stages (a study, the validation): numbers do not depend on the threads, so
    none of the stages takes their number along.

    Raises
    ------
    DataError
        For less than one thread.
    """
    token = _DEFAULT.set(None if threads is None else thread_count(threads))
    try:
        yield
    finally:
        _DEFAULT.reset(token)


def thread_count(threads: int | None) -> int:
    """Return the number of threads: as asked, or the default set, or all processors allowed.

    Raises
    ------
    DataError
        For less than one.
    """
    threads = _DEFAULT.get() if threads is None else threads
    if threads is not None:
        if threads < 1:
            raise DataError(f"threads: {threads} is not a number of threads; give 1 or more")
        return threads
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def in_order(
    job: Callable[[int], Result], first: int, count: int, threads: int
) -> Iterator[Result]:
    """Run ``job(first)``, ``job(first + 1)`` ... on threads; yield the results in order.

    At most ``threads + 1`` jobs are under way or wait, so memory stays bounded. When the reader
    stops early (an error, a keyboard interrupt), no further job is begun.
    """
    if threads == 1:
        yield from map(job, range(first, first + count))
        return
    waiting: list[Future[Result]] = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            for i in range(first, first + count):
                waiting.append(pool.submit(job, i))
                if len(waiting) > threads:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()


def std_err(batches: Floats) -> Floats:
    """Give the standard error of the mean over batches, the first axis, from their spread."""
    return batches.std(axis=0, ddof=1) / np.sqrt(len(batches))
