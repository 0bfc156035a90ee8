"""Exact receptive fields along one axis, as intervals that repeat with a period.

Unit ``i`` of a tensor sees the input interval ``[low(i), high(i)]`` of the endless (unclipped)
input. Both ends are quasi-affine in ``i``: over a period of ``p`` units they move by a fixed number
of input pixels. A plain convolution has period 1; a transposed convolution, an upsampling or an
adaptive pooling has a longer one, which is where a recurrence of size and stride alone goes wrong.

Sources: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill
2019, for the recurrence of windows; the periodic form extends it to fractional strides.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple, TypeAlias

from shapecalc.windows import MAX_PERIOD, Window

MAX_REACH = 2**62
"""An interval that moves by more pixels than this is not followed further; the receptive field is then unknown."""

Interval: TypeAlias = "tuple[int, int]"

_SAME = (range(1),)
"""The taps of a layer whose output ``i`` reads input ``i``."""


class AxisField(NamedTuple):
    """What every unit along one axis sees: intervals that repeat with a period.

    Attributes:
        advance: input pixels by which the interval moves over one period.
        intervals: ``(low, high)`` of units 0 … period−1, closed; None where a unit sees nothing.

    """

    advance: int
    intervals: tuple[Interval | None, ...]

    def interval(self, unit: int) -> Interval | None:
        """The closed interval of input pixels that `unit` sees, before clipping; None for nothing."""
        turn, phase = divmod(unit, len(self.intervals))
        seen = self.intervals[phase]
        if seen is None:
            return None
        return seen[0] + turn * self.advance, seen[1] + turn * self.advance

    def extent(self, units: int | None = None) -> tuple[int, int]:
        """The smallest and the largest number of input pixels, end to end, that a unit sees.

        Of the first so many units, of all unless given; 0 for one that sees nothing.
        """
        if len(self.intervals) == 1 and self.intervals[0] is not None:
            low, high = self.intervals[0]
            return high - low + 1, high - low + 1
        sizes = [0 if seen is None else seen[1] - seen[0] + 1 for seen in self.intervals[:units]]
        return min(sizes), max(sizes)

    @property
    def size(self) -> int:
        """The largest extent of all units."""
        return self.extent()[1]

    @property
    def size_min(self) -> int:
        """The smallest extent of all units."""
        return self.extent()[0]

    @property
    def stride(self) -> Fraction:
        """Input pixels from one unit to the next, on average over a period."""
        period = len(self.intervals)
        return Fraction(self.advance) if period == 1 else Fraction(self.advance, period)

    @property
    def start(self) -> int | None:
        """The first input pixel that unit 0 sees (negative: in the padding); None where it sees nothing."""
        first = self.intervals[0]
        return None if first is None else first[0]

    def work(self, window: Window) -> int:
        """How many intervals are looked up, at most, to see through the window."""
        period = len(self.intervals)
        if period == 1:
            return len(window.taps)
        looked_up = 2 if self._is_ordered() else min(period, max(map(len, window.taps)))
        return min(MAX_PERIOD, period * len(window.taps)) * looked_up

    def through(self, window: Window) -> AxisField | None:
        """The field of the outputs of a layer that reads this tensor through `window`.

        None where the pattern takes more than `MAX_PERIOD` units to repeat, or reaches further than `MAX_REACH`.
        """
        if window.advance == 1 and window.taps == _SAME:
            return self
        if window.advance * self.advance > MAX_REACH:
            return None
        if len(self.intervals) == 1 and len(window.taps) == 1 and self.intervals[0] is not None:
            return self._through_plain(window, *self.intervals[0])
        repeats = len(self.intervals) // gcd(window.advance, len(self.intervals))
        period = len(window.taps) * repeats
        if period > MAX_PERIOD:
            return None
        hull = self._hull_of_ordered if self._is_ordered() else self._hull
        seen = tuple(
            hull(window.taps[unit % len(window.taps)], unit // len(window.taps) * window.advance)
            for unit in range(period)
        )
        return AxisField(window.advance * repeats * self.advance // len(self.intervals), seen)._reduced()

    def _through_plain(self, window: Window, low: int, high: int) -> AxisField:
        """The period-1 case: the recurrence of the literature."""
        taps = window.taps[0]
        reached = (low + taps[0] * self.advance, high + taps[-1] * self.advance)
        return AxisField(window.advance * self.advance, (reached,))

    def _is_ordered(self) -> bool:
        """Whether both ends never move back from one unit to the next, and every unit sees something."""
        before = self.interval(-1)
        for after in self.intervals:
            if before is None or after is None or after[0] < before[0] or after[1] < before[1]:
                return False
            before = after
        return True

    def _hull_of_ordered(self, taps: range, shift: int) -> Interval | None:
        """The smallest interval around what the units ``t + shift`` see: from the first one's to the last one's."""
        if not taps:
            return None
        first, last = self.interval(taps[0] + shift), self.interval(taps[-1] + shift)
        return (first[0], last[1]) if first and last else None

    def _hull(self, taps: range, shift: int) -> Interval | None:
        """The smallest interval around what the units ``t + shift`` see.

        After one period of taps the same phases come again, further right, so the first period has
        the lowest end and the last one the highest.
        """
        period = len(self.intervals)
        lows = [seen[0] for t in taps[:period] if (seen := self.interval(t + shift)) is not None]
        highs = [seen[1] for t in taps[-period:] if (seen := self.interval(t + shift)) is not None]
        return (min(lows), max(highs)) if lows and highs else None

    def _reduced(self) -> AxisField:
        """The same field with the shortest period that describes it."""
        period = len(self.intervals)
        for shorter in range(1, period):
            if period % shorter or self.advance * shorter % period:
                continue
            candidate = AxisField(self.advance * shorter // period, self.intervals[:shorter])
            if all(candidate.interval(i) == self.intervals[i] for i in range(shorter, period)):
                return candidate
        return self


INPUT = AxisField(1, ((0, 0),))
"""The network's input: every pixel sees itself."""


def merged(fields: list[AxisField]) -> AxisField | None:
    """The hull of several branches, unit by unit, on their common period.

    None where they move at different speeds (no period is common) or the common one is too long.
    """
    if all(field == fields[0] for field in fields):
        return fields[0]
    if len({field.stride for field in fields}) > 1:
        return None
    period = lcm(*(len(field.intervals) for field in fields))
    if period > MAX_PERIOD:
        return None
    seen = []
    for unit in range(period):
        parts = [part for field in fields if (part := field.interval(unit)) is not None]
        seen.append((min(p[0] for p in parts), max(p[1] for p in parts)) if parts else None)
    return AxisField(int(fields[0].stride * period), tuple(seen))._reduced()


class ReceptiveField(NamedTuple):
    """What the units of a layer see of the network's input, axis by axis, in input pixels.

    Attributes:
        axes: one field per spatial axis of the input (D, H, W order), describing the local paths;
            empty where every path sees the whole input.
        is_global: some path sees the whole input (after flatten, fc, global pooling, attention).
        input_size: the input's spatial sizes.
        units: how many there are along each axis.

    """

    axes: tuple[AxisField, ...]
    is_global: bool
    input_size: tuple[int, ...]
    units: tuple[int, ...]

    @property
    def size(self) -> tuple[int, ...]:
        """Pixels per axis, the largest where units differ; the whole input where every path is global."""
        return tuple([most for _, most in self._extents()]) if self.axes else self.input_size

    @property
    def size_min(self) -> tuple[int, ...]:
        """Pixels per axis, the smallest where units differ."""
        return tuple([least for least, _ in self._extents()]) if self.axes else self.input_size

    def _extents(self) -> list[tuple[int, int]]:
        return [axis.extent(units) for axis, units in zip(self.axes, self.units, strict=True)]

    @property
    def stride(self) -> tuple[Fraction, ...] | None:
        """Input pixels from unit to unit per axis; None where every path is global."""
        return tuple(axis.stride for axis in self.axes) if self.axes else None

    @property
    def start(self) -> tuple[int | None, ...]:
        """First pixel that unit 0 sees, per axis, before clipping."""
        return tuple(axis.start for axis in self.axes) if self.axes else (0,) * len(self.input_size)
