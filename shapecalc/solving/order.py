"""Which answer is the simplest: symmetric ones first, then those whose values stand early in their ranges."""

from __future__ import annotations

from itertools import combinations

from shapecalc.solving.evaluation import Outcome
from shapecalc.solving.question import Question


class Order:
    """The place of an answer among others: a key to sort by."""

    def __init__(self, question: Question) -> None:
        self._places = [{v: n for n, v in enumerate(unknown.range.values)} for unknown in question.unknowns]
        entries = [unknown.path[:-1] if isinstance(unknown.path[-1], int) else None for unknown in question.unknowns]
        pairs = combinations(range(len(entries)), 2)
        self._pairs = [(a, b) for a, b in pairs if entries[a] is not None and entries[a] == entries[b]]

    def __call__(self, outcome: Outcome) -> tuple[int, int, tuple[int, ...]]:
        """Unlike values of one field, then the places of all values in their ranges."""
        places = tuple(known[value] for known, value in zip(self._places, outcome.values, strict=True))
        unlike = sum(outcome.values[a] != outcome.values[b] for a, b in self._pairs)
        return unlike, sum(places), places
