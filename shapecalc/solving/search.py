"""The search: every choice of values is tried or known not to be an answer, within a few seconds.

The unknowns are nested in the order in which layers read them, so that a refusal, or a layer's expectation that does
not hold, ends all choices that begin alike. The innermost is searched by bisection where the network is known to grow
with it (`is_growing`): what lies beyond the borders that are found is too little or too much, whatever fits, and
everything between them is tried; the other unknowns that it grows with end where all is too much. Where bisection
meets too many values that are refused, all are tried, but last. Sizes of inputs are innermost otherwise, because they
are quick to try.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from time import monotonic

from shapecalc.notation import MAX_SIZE
from shapecalc.problems import SpecError
from shapecalc.solving.bisection import Bisection
from shapecalc.solving.evaluation import Evaluator, Outcome
from shapecalc.solving.misses import Nearest
from shapecalc.solving.order import Order
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

OF_THE_SPEC = ("no-value", "unknown-variable", "unknown-name")
"""What refuses a spec by itself: where all choices are refused for one of these, no value can help."""


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
        named: what the items that expect something are called in sentences, by identity; none where nothing fits.
    """

    question: Question
    answers: list[Outcome]
    remarks: list[Remark]
    tried: int = 0
    space: int = 0
    is_complete: bool = True
    reached: list[int] = field(default_factory=list)
    named: dict[int, str] = field(default_factory=dict)


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
    fitting = [*solution.answers[:1], *search.nearest.in_order]
    if fitting and question.is_expecting:
        solution.named = search.evaluate.named(fitting[0].values)
    elif not fitting:
        _refuse(search)
    return solution


def _refuse(search: _Search) -> None:
    """SpecError where the spec is wrong whatever the values are."""
    if len(search.nearest.refused) != 1:
        return
    ((code, refused),) = search.nearest.refused.items()
    diagnostic = search.evaluate.explained(refused.first.values) if code in OF_THE_SPEC else None
    if diagnostic is not None:
        raise SpecError((diagnostic,))


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
        self._growing, self._bisected, self._order, self._prefixes = plan(question)
        self._values = [unknown.range.values for unknown in question.unknowns]
        self._tried: list[set[Value]] = []
        self._ends = {each: (min(self._values[each]), max(self._values[each])) for each in self._growing}
        last = () if self._bisected is None else self._values[self._bisected]
        self._rising = sorted(value for value in last if isinstance(value, int))
        self._is_reordered = False
        self._blind: list[Bisection] = []
        self._limits: dict[tuple[Value, ...], tuple[int, int]] = {}  # by what is chosen, from round to round
        self.answers: list[Outcome] = []
        self.nearest = Nearest()
        self.evaluate = Evaluator(question, self._tick)
        self.reached = [0] * len(self._unknowns)

    def run(self) -> None:
        """Goes through all of it. _EndedError where that takes too long."""
        sizes = [len(self._values[index]) for index in self._order]
        widened = sizes if self._bisected is None else sizes[:-1]
        before, now = 0, max(widened, default=1)
        if len(sizes) > 1 and prod(sizes) > MANY:
            now = FIRST_ROUND
            self._fitting_squares_first()
        while True:
            self._nested({}, before, now)
            if not self._blind and not self._is_reordered:
                whole = [len(values) for values in self._values]
                self.reached = [n if at == self._bisected else min(now, n) for at, n in enumerate(whole)]
            if now >= max(widened, default=1):
                break
            before, now = now, now * 2
            self._tried = [set(values[:before]) for values in self._values]
        for bisection in self._blind:
            self._kept(bisection, bisection.everything)

    def _fitting_squares_first(self) -> None:
        """Where nothing but the sizes of one input is sought, first the sizes that fit along all axes."""
        sizes, unknowns = [*self._question.sizes.values()], self._unknowns
        ranges = {unknown.range.values for unknown in unknowns}
        if len(sizes) != 1 or len(ranges) != 1 or any(unknown.variable not in sizes[0][1:] for unknown in unknowns):
            return
        values = ranges.pop()
        fits = {value for value in values if self.evaluate((value,) * len(unknowns)).refusal is None}
        self._values = [tuple(sorted(values, key=lambda value: value not in fits))] * len(unknowns)
        self._is_reordered = True

    def _tick(self) -> None:
        if monotonic() > self._end or len(self.answers) >= MOST_ANSWERS:
            raise _EndedError

    def _nested(self, chosen: dict[int, Value], before: int, now: int) -> int:
        """All choices with what is chosen: those of the first `now` values that are not among the first `before`.

        1 where all of them give too much and -1 where all give too little; 0 is no promise.
        """
        depth = len(chosen)
        index = self._order[depth]
        values = self._values[index]
        is_new = before == 0 or any(chosen[each] not in self._tried[each] for each in self._order[:depth])
        if depth + 1 < len(self._order):
            return self._each(chosen, before, now)
        if index == self._bisected:
            return self._bisect(chosen, index) if is_new or not chosen else 0
        for value in values[:now] if is_new else values[before:now]:
            self._take(self._try({**chosen, index: value}))
        return 0

    def _each(self, chosen: dict[int, Value], before: int, now: int) -> int:
        """The same, of an unknown that is not the innermost. What the network grows with ends where all is too much."""
        index = self._order[len(chosen)]
        values = self._values[index]
        above = tuple(chosen.values())
        low, high = self._limits.get(above, (-1, MAX_SIZE + 1))
        for value in values[:now]:
            if index in self._growing and not low < int(value) < high:
                continue
            inner = {**chosen, index: value}
            side = self._nested(inner, before, now) if self._may_fit(inner) else 0
            if side and index in self._growing:
                low, high = (low, int(value)) if side > 0 else (int(value), high)
                self._limits[above] = low, high
        if index not in self._growing:
            return 0
        smallest, largest = self._ends[index]
        return int(high == smallest) - int(low == largest)

    def _try(self, chosen: dict[int, Value]) -> Outcome:
        return self.evaluate(tuple(chosen[each] for each in range(len(self._unknowns))))

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

    def _bisect(self, chosen: dict[int, Value], index: int) -> int:
        bisection = Bisection(self._rising, lambda value: self._try({**chosen, index: value}))
        side = self._kept(bisection, bisection.run)
        if bisection.is_blind:
            self._blind.append(bisection)
        return side

    def _kept(self, bisection: Bisection, go: Callable[[], int]) -> int:
        """What comes of a part of the search, whose outcomes are kept even where it ends the search."""
        try:
            return go()
        finally:
            for outcome in bisection.fresh():
                self._take(outcome)
