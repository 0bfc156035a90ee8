"""How many paths lead from each input pixel to a unit: exact counts, whatever the kernels' values.

A path takes one tap of every window on its way. Through one window the counts are convolved with a box, so deep
stacks tend to a bell. Source: Luo, Li, Urtasun, Zemel, "Understanding the Effective Receptive Field in Deep
Convolutional Neural Networks", NeurIPS 2016: with equal weights this is the gradient of the unit, up to a factor.

Counts are kept per axis: a *line* says how many paths lead from all pixels with one row (column, ...). A path
through a window takes a tap along every axis, so a line is multiplied by the taps of the other axes, and
branches weigh as many paths as they hold. Channels are not counted: every path is one through all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd, lcm, prod
from operator import add
from typing import NamedTuple, TypeAlias

from shapecalc.windows import Window

Phase: TypeAlias = "tuple[int, ...]"
"""One number per axis: where in the pattern a unit lies."""


class Line(NamedTuple):
    """Paths from the pixels `first`, `first` + 1, … along one axis; no weights where nothing is seen."""

    first: int
    weights: Sequence[int]

    def moved(self, pixels: int) -> Line:
        """The line of a unit that looks so many pixels further on."""
        return Line(self.first + pixels, self.weights)


class Run(NamedTuple):
    """Taps of one phase: they see one line, the first of them moved by `first`, then every `spacing` pixels."""

    phase: int
    first: int
    taps: int
    spacing: int


NOTHING = Line(0, ())

LINE = 50
"""What a line costs beside its weights, in weights."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The lines of every unit of a tensor, one per spatial axis: a pattern that repeats along each axis.

    Attributes:
        advances: input pixels by which the lines move over one period, per axis.
        periods: units after which they repeat, per axis; no axes where no local path leads to the input.
        lines: of each phase; its lines all add up to its number of paths.
    """

    advances: tuple[int, ...]
    periods: tuple[int, ...]
    lines: dict[Phase, tuple[Line, ...]]

    def work(self, windows: Sequence[Window]) -> int:
        """How many weights are added up, at most, to see through the windows."""
        after = [self._period(window, axis) for axis, window in enumerate(windows)]
        units = prod(map(max, self.periods, after))
        runs = sum(min(p, max(map(len, w.taps))) for p, w in zip(self.periods, windows, strict=True))
        return units * runs * (sum(self.lengths(windows)) + len(windows) * LINE) * self.bulk

    def lengths(self, windows: Sequence[Window]) -> list[int]:
        """How many pixels the lines have, at most, seen through the windows, per axis."""
        longest = [max(len(lines[axis].weights) for lines in self.lines.values()) for axis in range(len(windows))]
        spans = [max(taps[-1] - taps[0] if taps else 0 for taps in window.taps) for window in windows]
        moves = (-(-span * a // p) for span, a, p in zip(spans, self.advances, self.periods, strict=True))
        return [length + move for length, move in zip(longest, moves, strict=True)]

    def through(self, windows: Sequence[Window]) -> Paths:
        """The paths to the outputs of a layer that reads this tensor through a window per axis: one after the other."""
        paths = self
        for axis, window in enumerate(windows):
            paths = paths._along(axis, window)
        return paths

    def at(self, unit: Phase) -> tuple[Line, ...]:
        """The lines of any unit."""
        turns = [divmod(u, period) for u, period in zip(unit, self.periods, strict=True)]
        lines = self.lines[tuple(phase for _, phase in turns)]
        return tuple(line.moved(turn * a) for line, (turn, _), a in zip(lines, turns, self.advances, strict=True))

    def sizes(self) -> tuple[int, ...]:
        """Per axis, the pixels that hold most of the weight (see `central`): of the unit where they are most."""
        return tuple(max(central(line.weights) for line in each) for each in zip(*self.lines.values(), strict=True))

    @property
    def bulk(self) -> int:
        """1, and 1 more for every 256 bits of a number of paths."""
        return 1 + sum(next(iter(self.lines.values()))[0].weights).bit_length() // 256

    def _along(self, axis: int, window: Window) -> Paths:
        """The paths to outputs that read along one axis only."""
        period = self._period(window, axis)
        advance = period // len(window.taps) * window.advance * self.advances[axis] // self.periods[axis]
        runs = [self._runs(window, axis, unit) for unit in range(period)]
        periods = _replaced(self.periods, axis, period)
        lines = {phase: self._read(phase, axis, runs[phase[axis]]) for phase in product(*map(range, periods))}
        return Paths(_replaced(self.advances, axis, advance), periods, lines)

    def _period(self, window: Window, axis: int) -> int:
        """Outputs after which the window comes back to the same phase."""
        return len(window.taps) * self.periods[axis] // gcd(window.advance, self.periods[axis])

    def _runs(self, window: Window, axis: int, unit: int) -> list[Run]:
        """What an output reads along an axis, taps of the same phase put together."""
        places, period, advance = window.places(unit), self.periods[axis], self.advances[axis]
        every = period // gcd(places.step, period)
        found = []
        for same in (places[k::every] for k in range(min(every, len(places)))):
            turn, phase = divmod(same[0], period)
            found.append(Run(phase, turn * advance, len(same), same.step * advance // period))
        return found

    def _read(self, unit: Phase, along: int, runs: Sequence[Run]) -> tuple[Line, ...]:
        """The lines of one output: of all the units it reads, moved and added up."""
        read = [self.lines[_replaced(unit, along, run.phase)] for run in runs]
        return tuple(
            _added([(1, _spread(lines[axis], run)) for lines, run in zip(read, runs, strict=True)])
            if axis == along
            else _added([(run.taps, lines[axis]) for lines, run in zip(read, runs, strict=True)])
            for axis in range(len(unit))
        )


def _replaced(values: tuple[int, ...], axis: int, value: int) -> tuple[int, ...]:
    return (*values[:axis], value, *values[axis + 1 :])


def of_pixels(rank: int) -> Paths:
    """Every pixel of the input leads to itself, in one way."""
    return Paths((1,) * rank, (1,) * rank, {(0,) * rank: (Line(0, (1,)),) * rank})


def merging_work(branches: Sequence[Paths]) -> int:
    """How many weights are added up, at most, to put the branches together."""
    longest = (max(sum(len(line.weights) for line in lines) for lines in branch.lines.values()) for branch in branches)
    return prod(_common(branches)) * (sum(longest) + LINE) * max(branch.bulk for branch in branches)


def merged(branches: Sequence[Paths]) -> Paths | None:
    """The paths of several branches together, unit by unit; None where they move at different speeds."""
    periods = _common(branches)
    moves = {tuple(p * a // q for p, a, q in zip(periods, b.advances, b.periods, strict=True)) for b in branches}
    if len(moves) > 1:
        return None
    return Paths(moves.pop(), periods, {unit: _together(branches, unit) for unit in product(*map(range, periods))})


def _common(branches: Sequence[Paths]) -> tuple[int, ...]:
    """The common periods."""
    return tuple(lcm(*each) for each in zip(*(branch.periods for branch in branches), strict=True))


def _together(branches: Sequence[Paths], unit: Phase) -> tuple[Line, ...]:
    axes = zip(*(branch.at(unit) for branch in branches), strict=True)
    return tuple(_added([(1, line) for line in lines]) for lines in axes)


def central(weights: Sequence[int]) -> int:
    """Pixels in the smallest interval with at most 1/40 of the weight below it and at most 1/40 above it.

    So it holds 95 % of the weight or more. 0 where there is no weight.

    >>> central([1, 2, 3, 2, 1]), central([1] * 100)
    (5, 96)
    """
    total = sum(weights)
    return len(weights) - _light(weights, total) - _light(weights[::-1], total)


def _light(weights: Sequence[int], total: int) -> int:
    """How many of the first weights make up at most 1/40 of the total."""
    below = 0
    for number, weight in enumerate(weights):
        below += weight
        if 40 * below > total:
            return number
    return 0


def _spread(line: Line, run: Run) -> Line:
    """The sum of the lines that a run of taps sees, each `spacing` pixels after the one before: a running sum."""
    first = line.first + run.first
    if run.taps == 1 or not line.weights:
        return Line(first, line.weights)
    if run.spacing == 0:
        return Line(first, [run.taps * weight for weight in line.weights])
    sums = [*line.weights, *[0] * ((run.taps - 1) * run.spacing)]
    for i in range(run.spacing, len(sums)):
        sums[i] += sums[i - run.spacing]
    reach = run.taps * run.spacing
    return Line(first, [*sums[:reach], *(sums[i] - sums[i - reach] for i in range(reach, len(sums)))])


def _added(parts: Sequence[tuple[int, Line]]) -> Line:
    """The sum of lines, each a number of times."""
    seen = [(times, line) for times, line in parts if line.weights]
    if not seen:
        return NOTHING
    if len(seen) == 1 and seen[0][0] == 1:
        return seen[0][1]
    first = min(line.first for _, line in seen)
    total = [0] * (max(line.first + len(line.weights) for _, line in seen) - first)
    for times, (start, weights) in seen:
        at = slice(start - first, start - first + len(weights))
        total[at] = map(add, total[at], weights if times == 1 else [times * weight for weight in weights])
    return Line(first, total)
