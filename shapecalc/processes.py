"""Processes that work for this one, and end with it: whatever an interrupt hits, none is left behind.

To be imported where processes are started only: it takes 30 ms.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children
from typing import ParamSpec, TypeVar

from shapecalc.files import Unreadable

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def processes(workers: int, purpose: str, advice: str) -> Iterator[ProcessPoolExecutor]:
    """An executor of so many processes, which are gone afterwards. `Unreadable` where one of them dies.

    Args:
        workers: how many.
        purpose: what they do, as it follows "a process that".
        advice: what to do where one dies.
    """
    executor = _Processes(workers, initializer=_leave_interrupts_to_the_parent)
    try:
        yield executor
    except BrokenProcessPool:
        raise Unreadable(f"a process that {purpose} has died", advice) from None
    except BaseException:  # an interrupt, say: what they do now is of no use any more
        executor.shutdown(wait=False, cancel_futures=True)
        _end_children()
        raise
    executor.shutdown()


class _Processes(ProcessPoolExecutor):
    """Starts its processes undisturbed: an interrupt in the middle of it would leave one that nobody knows."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with _interrupts_wait():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Interrupts are held until the end of it, and by processes started in it for good (not on Windows)."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_children() -> None:
    children = active_children()
    for process in children:
        process.terminate()
    for process in children:
        process.join(timeout=5)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
