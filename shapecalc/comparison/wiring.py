"""Whether a layer reads something else than it did, apart from what was put in, taken out or moved in between."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from shapecalc.comparison.outline import Outline
from shapecalc.comparison.pairing import Pairing
from shapecalc.result import Trace

Tensor: TypeAlias = "tuple[str, int]"
"""An input of the network, or a pair of layers, by number."""

Reach: TypeAlias = "dict[str, frozenset[Tensor]]"
"""By layer: the paired layers that it may stand for, being one of them or having been put in behind them."""

Read: TypeAlias = "tuple[str, frozenset[Tensor]]"
"""The name of what is read, and what it may stand for."""

MOST_REACHED = 64
"""Tensors that one layer may stand for; what reads more is not compared further."""


class Wiring:
    """What the layers of both networks read, in terms of each other."""

    def __init__(self, before: Trace, after: Trace, pairing: Pairing) -> None:
        self._sides = (before, after)
        back = {j: i for i, j in pairing.pairs.items()}
        self._numbers: tuple[Mapping[int, int], Mapping[int, int]] = ({i: i for i in pairing.pairs}, back)
        self._paired = tuple(
            {step.name for place, step in enumerate(trace.layers) if place in numbers}
            | {name for name, _ in trace.inputs}
            for trace, numbers in zip(self._sides, self._numbers, strict=True)
        )
        self._readers = (self._readers_in(0), self._readers_in(1))
        self._reach = self._reached(frozenset())

    def look_through(self, moved: Collection[int]) -> None:
        """From here on, a moved layer may also stand for what it reads, in both places."""
        self._reach = self._reached(frozenset(moved))

    def is_same(self, a: Outline, b: Outline) -> bool:
        """Whether two layers read the same; a join may read branches more or less that were put in or taken out."""
        is_as_many = len(a.step.inputs) == len(b.step.inputs)
        if is_as_many and (a.step.type == "concat" or len(a.step.inputs) == 1):
            return all(one & other for (_, one), (_, other) in zip(*self._read(a, b), strict=True))
        gone, new = self._left_over(a, b)
        if is_as_many:
            return not gone
        return not (set(gone) & self._paired[0] or set(new) & self._paired[1])

    def unmatched(self, a: Outline, b: Outline) -> tuple[list[str], list[str]]:
        """Of a join that reads more or less than it did: what it read and does not, and what it reads and did not."""
        return ([], []) if len(a.step.inputs) == len(b.step.inputs) else self._left_over(a, b)

    def _left_over(self, a: Outline, b: Outline) -> tuple[list[str], list[str]]:
        """What either of two joins reads that the other does not."""
        first, second = self._read(a, b)
        first.sort(key=lambda each: each[0] not in self._paired[0])  # what is in both networks has the first choice
        second.sort(key=lambda each: each[0] not in self._paired[1])
        return _unmatched(first, second)

    def _read(self, a: Outline, b: Outline) -> tuple[list[Read], list[Read]]:
        """What both read, with what that may stand for."""
        first, second = (
            [(name, reach[name]) for name in each.step.inputs] for each, reach in zip((a, b), self._reach, strict=True)
        )
        return first, second

    def is_read_alike(self, a: Outline, b: Outline) -> bool:
        """Whether some layer reads both, or nothing that is in both networks reads one of them."""
        first, second = self._readers[0].get(a.step.name, set()), self._readers[1].get(b.step.name, set())
        return bool(first & second) or not (first and second)

    def _readers_in(self, side: int) -> dict[str, set[int]]:
        """By layer: the paired layers that read it, by number."""
        found: dict[str, set[int]] = {}
        for place, number in self._numbers[side].items():
            for name in self._sides[side].layers[place].inputs:
                found.setdefault(name, set()).add(number)
        return found

    def _reached(self, moved: frozenset[int]) -> tuple[Reach, Reach]:
        return self._reached_in(0, moved), self._reached_in(1, moved)

    def _reached_in(self, side: int, moved: frozenset[int]) -> Reach:
        trace, numbers = self._sides[side], self._numbers[side]
        found: Reach = {name: frozenset({("input", n)}) for n, (name, _) in enumerate(trace.inputs)}
        for place, step in enumerate(trace.layers):
            number = numbers.get(place)
            own = frozenset() if number is None else frozenset({("layer", number)})
            if number is None or number in moved:
                through = [found[name] for name in step.inputs]
                own = own.union(*through) if sum(map(len, through)) <= MOST_REACHED else own
            found[step.name] = own
        return found


def _unmatched(first: Sequence[Read], second: Sequence[Read]) -> tuple[list[str], list[str]]:
    """The names of those on either side that stand for nothing on the other."""
    gone, left = [], list(second)
    for name, one in first:
        other = next((each for each in left if one & each[1]), None)
        if other is None:
            gone.append(name)
        else:
            left.remove(other)
    return gone, [name for name, _ in left]
