"""The search: every choice of values is tried or known not to be an answer, within a few seconds.

The unknowns are nested in the order in which layers read them, so that a refusal, or a layer's expectation that does
not hold, ends all choices that begin alike. The innermost is searched by bisection where the network is known to grow
with it (`is_growing`): what lies beyond the borders that are found is too little or too much, whatever fits, and
everything between them is tried. Sizes of inputs are innermost otherwise, because they are quick to try.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from math import prod
from time import monotonic

from shapecalc.solving.evaluation import GROWS, Evaluator, Outcome
from shapecalc.solving.misses import Nearest
from shapecalc.solving.plan import plan
from shapecalc.solving.question import Question
from shapecalc.solving.ranges import Value
from shapecalc.solving.remarks import Remark, remarks

SECONDS = 3.8
"""How long a search may take."""

MOST_ANSWERS = 50_000
"""More than anybody reads; the search ends there too."""

MANY = 20_000
"""Choices from which on several unknowns are tried in rounds: their simplest values first, then twice as many."""

FIRST_ROUND = 4

PROBES = 64
"""Values after one that is refused that bisection tries in its place."""


class _EndedError(Exception):
    """The search has taken as long as it may, or found as much."""


@dataclass
class Solution:
    """What a search found.

    Attributes:
        question: what was asked.
        answers: the simplest first.
        remarks: what lies around the answers, or comes closest where there is none, and why it is no answer.
        tried: networks that were computed.
        space: choices that there are.
        is_complete: whether there is no other answer.
        reached: where it is not: of each unknown, how many of its values were gone through.
    """

    question: Question
    answers: list[Outcome]
    remarks: list[Remark]
    tried: int = 0
    space: int = 0
    is_complete: bool = True
    reached: list[int] = field(default_factory=list)


def solve(question: Question, seconds: float = SECONDS) -> Solution:
    """Every answer, the simplest first; those found in time where the space is too large.

    First come symmetric answers (equal values of one field's axes), then those whose values stand early in their
    ranges, then smaller numbers.
    """
    search = _Search(question, seconds)
    sizes = [len(unknown.range.values) for unknown in question.unknowns]
    solution = Solution(question, [], [], space=prod(sizes))
    try:
        search.run()
    except _EndedError:
        solution.is_complete = False
        solution.reached = search.reached
    search.evaluate.tick = lambda: None
    solution.answers = sorted(search.answers, key=Order(question))
    solution.tried = search.evaluate.tried
    solution.remarks = remarks(search.evaluate, solution.answers, search.nearest)
    return solution


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


class _Search:
    """One search.

    Attributes:
        answers: found so far.
        nearest: of the others.
        evaluate: tries values.
        reached: of each unknown, how many of its values this round goes through.
    """

    def __init__(self, question: Question, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._question = question
        self._unknowns = question.unknowns
        self._growing, self._order, self._prefixes = plan(question)
        self.answers: list[Outcome] = []
        self.nearest = Nearest()
        self.evaluate = Evaluator(question, self._tick)
        self.reached = [0] * len(self._unknowns)

    def run(self) -> None:
        """Goes through all of it. _EndedError where that takes too long."""
        sizes = [len(self._unknowns[index].range.values) for index in self._order]
        widened = sizes if self._growing is None else sizes[:-1]
        before, now = 0, max(widened, default=1)
        if len(sizes) > 1 and prod(sizes) > MANY:
            now = FIRST_ROUND
        while True:
            self._nested({}, before, now)
            self.reached = [min(now, len(unknown.range.values)) for unknown in self._unknowns]
            if now >= max(widened, default=1):
                return
            before, now = now, now * 2

    def _tick(self) -> None:
        if monotonic() > self._end or len(self.answers) >= MOST_ANSWERS:
            raise _EndedError

    def _nested(self, chosen: dict[int, Value], before: int, now: int) -> None:
        """All choices with what is chosen: those of the first `now` values that are not among the first `before`."""
        depth = len(chosen)
        index = self._order[depth]
        values = self._unknowns[index].range.values
        is_new = before == 0 or any(
            chosen[each] not in self._unknowns[each].range.values[:before] for each in self._order[:depth]
        )
        if depth + 1 == len(self._order):
            if index == self._growing:
                if is_new or not chosen:
                    self._bisect(chosen, index)
            else:
                for value in values[:now] if is_new else values[before:now]:
                    self._take(self._try(chosen, index, value))
            return
        for value in values[:now]:
            inner = {**chosen, index: value}
            if self._may_fit(inner):
                self._nested(inner, before, now)

    def _try(self, chosen: dict[int, Value], index: int, value: Value) -> Outcome:
        every = {**chosen, index: value}
        return self.evaluate(tuple(every[each] for each in range(len(self._unknowns))))

    def _take(self, outcome: Outcome) -> None:
        if outcome.holds:
            self.answers.append(outcome)
        else:
            self.nearest.add(outcome)

    def _may_fit(self, chosen: dict[int, Value]) -> bool:
        """Whether the layers that depend on what is chosen alone fit, and are as expected."""
        length = self._prefixes[len(chosen)]
        if not length:
            return True
        values = tuple(chosen.get(each, unknown.range.values[0]) for each, unknown in enumerate(self._unknowns))
        outcome = self.evaluate.beginning(values, length)
        if not outcome.holds:
            self.nearest.add(outcome)
        return outcome.holds

    def _bisect(self, chosen: dict[int, Value], index: int) -> None:
        """The values of an unknown that the network grows with: between too little and too much all are tried."""
        values = sorted(value for value in self._unknowns[index].range.values if isinstance(value, int))
        known: dict[int, Outcome] = {}

        def outcome(at: int) -> Outcome:
            if at not in known:
                known[at] = self._try(chosen, index, values[at])
            return known[at]

        def border(side: int) -> int:
            """The first place that is not too little (-1), or that is too much (1)."""
            low, high = 0, len(values)
            while low < high:
                middle = (low + high) // 2
                at = next((each for each in _near(middle, high) if outcome(each).refusal is None), None)
                if at is None and high - middle > PROBES:
                    return 0 if side < 0 else len(values)
                sides = set() if at is None else _sides(outcome(at))
                if at is not None and (side in sides) == (side < 0):
                    low = at + 1
                else:
                    high = middle
            return low

        lowest = next((at for at in _near(0, len(values)) if outcome(at).refusal is None), None)
        if lowest is None or 1 not in _sides(outcome(lowest)):  # else all are too much
            for at in range(border(-1), border(1)):
                outcome(at)
        for each in known.values():
            self._take(each)


def _near(middle: int, high: int) -> range:
    return range(middle, min(high, middle + PROBES))


def _sides(outcome: Outcome) -> set[int]:
    """-1 where something that grows is too little on some axis, 1 where something is too much; both may be."""
    pairs = [
        (a, w)
        for miss in outcome.misses
        if miss.quantity in GROWS
        for a, w in zip(miss.actual, miss.wanted, strict=True)
    ]
    return {-1 if a < w else 1 for a, w in pairs if a != w}
