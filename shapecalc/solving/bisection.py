"""The values of an unknown that the network grows with, all else chosen: all between too little and too much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from shapecalc.solving.evaluation import GROWS, Outcome

PROBES = 64
"""Values after one that is refused that bisection tries in its place."""


class Bisection:
    """One bisection.

    Attributes:
        is_blind: whether so many are refused that no border is seen; then only `everything` finds all answers.
    """

    def __init__(self, values: Sequence[int], attempt: Callable[[int], Outcome]) -> None:
        """`values` rise; `attempt` tries one of them."""
        self.is_blind = False
        self._values = values
        self._attempt = attempt
        self._known: dict[int, Outcome] = {}
        self._told: set[int] = set()

    def run(self) -> int:
        """Tries what may be an answer.

        1 where the smallest value is too much, -1 where the largest is too little; else 0, and where they are refused.
        """
        count = len(self._values)
        lowest, highest = self._first(range(min(count, PROBES))), self._first(range(count - 1, -1, -1)[:PROBES])
        too_much = lowest is not None and 1 in self._sides(lowest)
        too_little = highest is not None and -1 in self._sides(highest)
        if not too_much and not too_little:
            low, high = self._border(-1), self._border(1)
            if not self.is_blind:
                self._all(range(low, high))
        return int(too_much and lowest == 0) - int(too_little and highest == count - 1)

    def everything(self) -> int:
        """Tries all values; 0."""
        self._all(range(len(self._values)))
        return 0

    def fresh(self) -> list[Outcome]:
        """What has come since the last call, of the smallest value first."""
        new = sorted(self._known.keys() - self._told)
        self._told.update(new)
        return [self._known[at] for at in new]

    def _all(self, places: Iterable[int]) -> None:
        for at in places:
            self._outcome(at)

    def _outcome(self, at: int) -> Outcome:
        if at not in self._known:
            self._known[at] = self._attempt(self._values[at])
        return self._known[at]

    def _first(self, places: Iterable[int]) -> int | None:
        """The first of the places whose value fits."""
        return next((at for at in places if self._outcome(at).refusal is None), None)

    def _border(self, side: int) -> int:
        """The first place that is not too little (-1), or that is too much (1)."""
        low, high = 0, len(self._values)
        while low < high:
            middle = (low + high) // 2
            at = self._first(range(middle, min(high, middle + PROBES)))
            if at is None and high - middle > PROBES:
                self.is_blind = True
                return low
            if at is not None and (side in self._sides(at)) == (side < 0):
                low = at + 1
            else:
                high = middle
        return low

    def _sides(self, at: int) -> set[int]:
        """-1 where something that grows is too little on some axis, 1 where something is too much; both may be."""
        pairs = [
            (a, w)
            for miss in self._outcome(at).misses
            if miss.quantity in GROWS
            for a, w in zip(miss.actual, miss.wanted, strict=True)
        ]
        return {-1 if a < w else 1 for a, w in pairs if a != w}
