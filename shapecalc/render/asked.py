"""The question of `solve` in a sentence: what is sought, among which values, and what it is to give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapecalc.expectation import Expect, Expected
from shapecalc.notation import hwc
from shapecalc.solving import Solution
from shapecalc.solving.question import every_item, has_numbers
from shapecalc.solving.ranges import Range, Value


def asked(solution: Solution) -> str:
    """``VGG16: which padding (0 to 3) gives output 56×56×64?``."""
    unknowns = solution.question.unknowns
    sought = " and ".join(f"{unknown.name} ({values_of(unknown.range)})" for unknown in unknowns)
    return f"{solution.question.spec.name}: which {sought} {_conditions(solution)}?"


def values_of(tried: Range) -> str:
    """``0 to 3``; where some are left out, all of them if they are few."""
    values = tried.values
    if not tried.is_number:
        return ", ".join(map(as_written, values))
    if is_run(values):
        return f"{min(values)} to {max(values)}"
    return ", ".join(map(str, sorted(values))) if len(values) < 7 else _some(values)


def is_run(values: Sequence[Value]) -> bool:
    """Whether they are whole numbers without a gap."""
    return len(values) == int(max(values)) - int(min(values)) + 1


def _some(values: Sequence[Value]) -> str:
    return f"{len(values)} values, {min(values)} to {max(values)}"


def as_written(value: Value) -> str:
    """The value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _conditions(solution: Solution) -> str:
    question = solution.question
    exact = ", every row read" if question.exact else ""
    if question.is_about_fit:
        return ("fits" if len(question.unknowns) == 1 else "fit") + exact
    return ("gives " if len(question.unknowns) == 1 else "give ") + ", ".join(expectations(solution)) + exact


def expectations(solution: Solution) -> list[str]:
    """What is expected, in the words of the spec; that of a layer with the name it has among the answers."""
    question, found = solution.question, []
    for item in every_item(question.spec) if question.is_expecting else ():
        if item.keys.expect is not None and has_numbers(item.keys.expect):
            whose = solution.named.get(id(item), f"`{item.keys.name or item.word}`")
            found += [f"{whose} {text}" for text in _texts(item.keys.expect)]
    return found + (_texts(question.spec.expect) if question.spec.expect is not None else [])


def _texts(expect: Expect) -> list[str]:
    found = []
    for quantity in type(expect).model_fields:
        value = getattr(expect, quantity)
        if value is not None:
            found.append(f"{quantity.replace('_', ' ')} {_expected(value)}")
    return found


def _expected(value: Any) -> str:
    if isinstance(value, Expected):
        return value.text
    if all(isinstance(each, Expected) for each in value):
        return ", ".join(dict.fromkeys(each.text for each in value))
    return hwc(value)
