"""`solve` finds every value that trying all of them finds, on random problems."""

from __future__ import annotations

import json
import os

import pytest

from shapecalc.solving import Asked, question, solve
from shapecalc.source import parse
from tests.random_problems import RANGES, brute_force, problem

PROBLEMS = int(os.environ.get("SHAPECALC_PROBLEMS", "40"))


@pytest.mark.parametrize("seed", range(PROBLEMS))
def test_it_finds_what_trying_everything_finds(seed: int) -> None:
    given = problem(seed)
    source = parse(json.dumps(given.data), "a.json")
    ranges = {name: values for name, values in given.ranges.items() if values != RANGES["bias"]}
    solution = solve(question(source, source.documents[0], asked=Asked(ranges=ranges)), seconds=30)
    names = [unknown.name for unknown in solution.question.unknowns]
    found = [dict(zip(names, outcome.values, strict=True)) for outcome in solution.answers]
    wanted = brute_force(given)
    assert solution.is_complete
    assert len(found) == len(wanted)
    assert {tuple(each[name] for name in given.ranges) for each in found} == wanted, json.dumps(given.data)
