"""What comes closest to an answer: a little too little, a little too much, or refused."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from shapecalc.solving.evaluation import Outcome


class Refused(NamedTuple):
    """Choices that are refused for reasons of one kind: how many, and the first of them."""

    number: int
    first: Outcome


class Nearest:
    """The best of what is no answer, kept while others come.

    Attributes:
        by_side: what fits, with the fewest expectations missed and then by the least; -1: too little, 1: too much,
            0: neither on every axis.
        refused: by the code of the diagnostic.
    """

    def __init__(self) -> None:
        self.by_side: dict[int, Outcome] = {}
        self.refused: dict[str, Refused] = {}

    def add(self, outcome: Outcome) -> None:
        """Keeps the outcome where it is better than what is known."""
        if outcome.refusal is not None:
            number, first = self.refused.get(outcome.refusal, Refused(0, outcome))
            self.refused[outcome.refusal] = Refused(number + 1, first)
            return
        side = outcome.misses[0].side
        best = self.by_side.get(side)
        if best is None or _badness(outcome) < _badness(best):
            self.by_side[side] = outcome

    @property
    def in_order(self) -> list[Outcome]:
        """Too little first, then too much, then what is neither."""
        return [self.by_side[side] for side in (-1, 1, 0) if side in self.by_side]


def _badness(outcome: Outcome) -> tuple[int, int, Fraction]:
    unlike = sum(not miss.actual for miss in outcome.misses)  # no numbers to compare
    return len(outcome.misses), unlike, sum((miss.distance for miss in outcome.misses), Fraction(0))
