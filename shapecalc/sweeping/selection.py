"""Which rows of a sweep are shown, in which order, and which of them no other one beats."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from pydantic import ValidationError

from shapecalc.expectation import Expect, Expected, all_hold
from shapecalc.files import Unreadable
from shapecalc.notation import Shape
from shapecalc.session import setting_value
from shapecalc.sweeping.row import QUANTITIES, Row
from shapecalc.translate import did_you_mean

_CONDITION = re.compile(r"\s*([A-Za-z_]\w*)(?!\w)\s*(?:==?|:)?\s*(.+?)\s*")
_BOUND = re.compile(r"(<=|>=|)\s*([^<>].*)")
_PER_AXIS = ("receptive_field", "stride")
_SHORT = {"rf": "receptive_field"}
"""What columns call a quantity."""


class Condition(NamedTuple):
    """What a row must have: a quantity, and what is expected of it."""

    quantity: str
    expected: tuple[Expected, ...] | Shape

    def holds(self, row: Row) -> bool:
        """Whether the row has it; what is unknown or refused has not."""
        if self.quantity == "output":
            return bool(row.outputs) and row.outputs[-1] == self.expected
        actual: Sequence[int | Fraction] | None
        if self.quantity in _PER_AXIS:
            field = row.receptive_field
            actual = None if field is None else field.size if self.quantity == "receptive_field" else field.stride
        else:
            number = row.number(self.quantity)
            actual = None if number is None else (number,)
        expected = tuple(each for each in self.expected if isinstance(each, Expected))
        return bool(actual) and all_hold(expected, tuple(actual or ()))


class SettingCondition(NamedTuple):
    """What a variable must be: at most (`sign` is ``<=``), at least (``>=``), or exactly the value."""

    name: str
    sign: str
    value: Any

    def holds(self, row: Row) -> bool:
        """Whether it is that in the row; a value that is no number has no bounds."""
        actual = row.settings.get(self.name)
        if not self.sign:
            return bool(actual == self.value)
        if not _is_number(actual):
            return False
        return bool(actual <= self.value if self.sign == "<=" else actual >= self.value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Fraction)


class Key(NamedTuple):
    """A quantity or variable to be small, or large where `sign` is −1."""

    sign: int
    quantity: str


def condition(text: str, variables: Collection[str] = ()) -> Condition | SettingCondition:
    """What ``params <= 5M`` or ``output 1000`` asks for, in the words of `expect`; or what a variable is to be.

    `Unreadable` where it is nothing.
    """
    found = _CONDITION.fullmatch(text)
    quantity, written = (_SHORT.get(found[1], found[1]), found[2]) if found else (text.strip(), "")
    _known(quantity, (*variables, *QUANTITIES, "output"), "--where")
    if quantity in variables and quantity not in (*QUANTITIES, "output"):
        return _of_variable(quantity, written, text)
    field = quantity if quantity in Expect.model_fields else "params"
    try:
        expected = getattr(Expect.model_validate({field: written}), field)
    except ValidationError as error:
        problem = error.errors()[0]
        advice = str(problem.get("ctx", {}).get("mend", 'as in "params <= 5M", "output 1000"'))
        raise Unreadable(f"--where {text!r}: {problem['msg']}", advice) from None
    return Condition(quantity, expected if isinstance(expected, tuple) else (expected,))


def _of_variable(name: str, written: str, text: str) -> SettingCondition:
    found = _BOUND.fullmatch(written)
    value = setting_value(found[2]) if found else None
    if found is None or (found[1] and not _is_number(value)):
        raise Unreadable(f"--where {text!r}: a value or a bound is wanted", f'as in "{name} 16", "{name} <= 16"')
    return SettingCondition(name, found[1], value)


def keys(text: str, option: str, more: Collection[str] = ()) -> list[Key]:
    """The quantities and variables of ``params,-macs``, those with a minus to be large. `Unreadable` where unknown."""
    found = []
    for word in text.split(","):
        name = word.strip()
        sign, quantity = (-1, name[1:].strip()) if name.startswith("-") else (1, name)
        quantity = _SHORT.get(quantity, quantity)
        _known(quantity, (*more, *QUANTITIES), option)
        found.append(Key(sign, quantity))
    return found


def _known(quantity: str, names: Collection[str], option: str) -> None:
    if quantity not in names:
        advice = did_you_mean(quantity, list(names)) or f"quantities: {', '.join(names)}"
        raise Unreadable(f"{option}: there is no quantity {quantity!r}", advice)


def in_order(rows: Sequence[Row], by: Sequence[Key]) -> list[Row]:
    """The rows sorted, those that are unknown or refused last; equal ones stay as they were."""
    found = list(rows)
    for key in reversed(by):
        found.sort(key=lambda row, key=key: _place(row, key))  # type: ignore[misc]
    return found


def _place(row: Row, key: Key) -> tuple[Any, ...]:
    value = row.value(key.quantity)
    if value is None:
        return (2, 0, "")
    return (0, key.sign * value, "") if _is_number(value) else (1, 0, str(value))


def front(rows: Sequence[Row], by: Sequence[Key]) -> set[int]:
    """The numbers of the rows that no other beats: as good in all quantities, and better in one (Pareto).

    Those of which a quantity is unknown, or a variable is no number, are not on it.
    """
    points: dict[tuple[int | Fraction, ...], list[int]] = {}
    for number, row in enumerate(rows):
        values: list[Any] = [None if row.refusal else row.value(key.quantity) for key in by]
        if all(map(_is_number, values)):
            point = tuple(key.sign * value for key, value in zip(by, values, strict=True))
            points.setdefault(point, []).append(number)
    best = _best_of_two(sorted(points)) if len(by) <= 2 else _best(sorted(points))
    return {number for point in best for number in points[point]}


def _best_of_two(points: list[tuple[int | Fraction, ...]]) -> list[tuple[int | Fraction, ...]]:
    """Of points in their order: each whose last number is smaller than all before it."""
    found: list[tuple[int | Fraction, ...]] = []
    for point in points:
        if not found or (len(point) > 1 and point[-1] < found[-1][-1]):
            found.append(point)
    return found


def _best(points: list[tuple[int | Fraction, ...]]) -> list[tuple[int | Fraction, ...]]:
    """Of points in their order: each that none before it beats; the last numbers of these are kept in order."""
    found: list[tuple[int | Fraction, ...]] = []  # by their second number, where most are beaten first
    for point in points:
        until = bisect_right(found, point[1], key=lambda each: each[1])
        if not any(all(a <= b for a, b in zip(other, point, strict=True)) for other in found[:until]):
            found.insert(until, point)
    return found
