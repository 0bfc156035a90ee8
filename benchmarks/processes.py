"""Whole processes and what they cost: time on the wall, time on the processors, peak memory."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 120


class Cost(NamedTuple):
    """What one process took: seconds, seconds, bytes.

    Linux counts the parent's memory at the moment of the call into a child's peak, so the scripts
    here stay smaller than what they measure.
    """

    wall: float
    cpu: float
    peak: int


class Ratios(NamedTuple):
    """Medians over the pairs of one process's cost divided by the other's, and both costs' medians."""

    wall: float
    cpu: float
    peak: float
    first: Cost
    second: Cost


def shapecalc(*arguments: str) -> list[str]:
    """The command line of one call: the console script beside this Python, else the module."""
    script = Path(sys.executable).with_name("shapecalc")
    return [*([str(script)] if script.exists() else [sys.executable, "-m", "shapecalc"]), *arguments]


def cost(command: Sequence[str], out: IO[bytes] | None = None) -> Cost:
    """What the command takes; its output goes to `out` or nowhere. RuntimeError where it fails."""
    with Path(os.devnull).open("wb") as nowhere:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=out or nowhere, cwd=ROOT, env=_environment())
        return _finished(process, begun)


def cost_on_terminal(command: Sequence[str]) -> Cost:
    """What the command takes where it writes to a terminal of 120 columns, in colour."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    environment = _environment() | {"TERM": "xterm-256color"}
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, cwd=ROOT, env=environment)
    os.close(theirs)
    try:
        while os.read(ours, 65536):
            pass
    except OSError:  # how Linux says that the other end is closed
        pass
    finally:
        os.close(ours)
    return _finished(process, begun)


def _environment() -> dict[str, str]:
    """Ours, with this checkout importable, byte code kept as usual, and output buffered as usual."""
    unusual = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    usual = {name: value for name, value in os.environ.items() if name not in unusual}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return usual | {"PYTHONPATH": path}


def _finished(process: subprocess.Popen[bytes], begun: float) -> Cost:
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode} of {process.args!r}")
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def compared(first: Callable[[], Cost], second: Callable[[], Cost], pairs: int) -> Ratios:
    """The two in turn, after one call of each that fills the caches."""
    first(), second()
    measured = [(first(), second()) for _ in range(pairs)]
    wall, cpu, peak = (median(a[i] / b[i] for a, b in measured) for i in range(3))
    return Ratios(wall, cpu, peak, _median([a for a, _ in measured]), _median([b for _, b in measured]))


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        median(each.wall for each in costs),
        median(each.cpu for each in costs),
        round(median(each.peak for each in costs)),
    )


def verdict(*measured: float, bar: float) -> str:
    """Whether every one of them is within the bar."""
    return "within" if max(measured) <= bar else "OVER"


def warn_if_busy() -> None:
    """Says so where other work competes for the processors: times on the wall then mean little."""
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    if load > processors / 2:
        print(f"others are at work: load {load:.1f} on {processors} processors, trust no time on the wall")
