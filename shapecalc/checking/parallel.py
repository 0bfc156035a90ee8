"""Many files at once: on one core as long as that is quickest, then on all of them; the order is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from time import perf_counter

from shapecalc.checking import Order, checked
from shapecalc.checking.outcome import FileReport
from shapecalc.files import STDIN

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
    from shapecalc.processes import processes  # noqa: PLC0415 (30 ms, and only for many files)

    chunk = max(1, min(LARGEST_CHUNK, len(jobs) // (4 * workers)))
    advice = "it may have run out of memory: check fewer files at once, or --jobs 1 to see which"
    with processes(workers, "checks specs", advice) as executor:
        yield from executor.map(_checked, jobs, chunksize=chunk)


def _checked(job: Job) -> FileReport:
    return checked(*job)
