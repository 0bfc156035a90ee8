"""Budgets: numbers that every spec of a folder must keep to, in the words of `expect`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shapecalc.expectation import Expect
from shapecalc.problems import Path, Problem
from shapecalc.result import Trace
from shapecalc.verdict import verdicts


class Budget(NamedTuple):
    """One budget.

    Attributes:
        expect: the numbers, as of the whole network.
        place: the file and line that set it, as in ``pyproject.toml:12``.
    """

    expect: Expect
    place: str


def overruns(trace: Trace, budgets: tuple[Budget, ...]) -> Iterator[Problem]:
    """An error for each number of the network that is over a budget, at its name or where it begins."""
    data = trace.spec.home.document.data
    place: Path = ("name",) if "name" in data else ()
    for budget in budgets:
        spec = trace.spec._replace(expect=budget.expect, expect_path=place)
        for problem in verdicts(spec, trace.layers, (), trace.totals):
            yield Problem("over-budget", problem.message, place, f"the budget is set at {budget.place}")
