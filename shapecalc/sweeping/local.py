"""A sweep on this machine: on one core as long as that is quickest, then on all that may be used."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from shapecalc.checking.parallel import cores
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
        from shapecalc.processes import processes  # noqa: PLC0415 (30 ms, and only for much work)

        with processes(min(workers, left), "sweeps", "it may have run out of memory: fewer --jobs") as executor:
            yield from spread(executor, space.plan, combinations)
