"""Many files at once: on one core as long as that is quickest, then on all of them; the order is kept."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from shapecalc.checking import Order, checked
from shapecalc.checking.outcome import FileReport
from shapecalc.files import STDIN, Unreadable

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

Job = tuple[str, Order]

PATIENCE = 0.2
"""Seconds of work on one core before others are asked: about what it takes to start them."""

LARGEST_CHUNK = 16
"""Files that a core takes at a time; small enough that all end together."""


def checked_in_order(jobs: Sequence[Job], workers: int | None = None) -> Iterator[FileReport]:
    """A report for each file, in their order. `Unreadable` where a process dies.

    Args:
        jobs: names, and how they are to be checked.
        workers: processes; as many as there are cores unless given.
    """
    workers = workers or cores()
    begun = perf_counter()
    for done, (name, order) in enumerate(jobs):
        rest = jobs[done:]
        if workers > 1 and len(rest) > workers and perf_counter() - begun > PATIENCE and _can_be_sent(rest):
            yield from _in_parallel(rest, workers)
            return
        yield checked(name, order)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _can_be_sent(jobs: Sequence[Job]) -> bool:
    """Standard input is this process's own."""
    return all(name != STDIN for name, _ in jobs)


def _in_parallel(jobs: Sequence[Job], workers: int) -> Iterator[FileReport]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 (30 ms, and only for many files)
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import active_children  # noqa: PLC0415

    chunk = max(1, min(LARGEST_CHUNK, len(jobs) // (4 * workers)))
    executor = ProcessPoolExecutor(workers, initializer=_leave_interrupts_to_the_parent)
    try:
        yield from executor.map(_checked, jobs, chunksize=chunk)
    except BrokenProcessPool:
        advice = "it may have run out of memory: check fewer files at once, or --jobs 1 to see which"
        raise Unreadable("a process that checks specs has died", advice) from None
    except BaseException:  # an interrupt, say: what they do now is of no use any more
        executor.shutdown(wait=False, cancel_futures=True)
        _end(active_children())
        raise
    executor.shutdown()


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(timeout=5)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _checked(job: Job) -> FileReport:
    return checked(*job)
