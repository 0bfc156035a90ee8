"""A sweep on this machine: on one core as long as that is quickest, then on all that may be used."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from time import perf_counter

from shapecalc.checking.parallel import cores
from shapecalc.files import Unreadable
from shapecalc.sweeping.row import Row
from shapecalc.sweeping.space import Space, spread
from shapecalc.sweeping.work import rows

PATIENCE = 0.5
"""Seconds of work on one core before others are asked."""


def run_here(space: Space, jobs: int | None = None) -> Iterator[Row]:
    """A row for each combination, in their order. `Unreadable` where a process dies.

    Args:
        space: what is swept.
        jobs: processes; as many as there are cores unless given.
    """
    workers = jobs or cores()
    begun, left = perf_counter(), len(space)
    combinations = space.combinations()
    for each in combinations:
        yield from rows(space.plan, [each])
        left -= 1
        if workers > 1 and left > workers and perf_counter() - begun > PATIENCE:
            break
    if left:
        from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 (30 ms, and only for much work)
        from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

        executor = ProcessPoolExecutor(min(workers, left), initializer=_leave_interrupts_to_the_parent)
        try:
            yield from spread(executor, space.plan, combinations)
        except BrokenProcessPool:
            raise Unreadable("a process of the sweep has died", "it may have run out of memory: fewer --jobs") from None
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
