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
from shapecalc.sweeping.row import QUANTITIES, Row
from shapecalc.translate import did_you_mean

_CONDITION = re.compile(r"\s*([a-z_]+)\s*(?:==?|:)?\s*(.+?)\s*")
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


class Key(NamedTuple):
    """A quantity to be small, or large where `sign` is −1."""

    sign: int
    quantity: str


def condition(text: str) -> Condition:
    """What ``params <= 5M`` or ``output 1000`` asks for, in the words of `expect`. `Unreadable` where it is nothing."""
    found = _CONDITION.fullmatch(text)
    quantity, written = (_SHORT.get(found[1], found[1]), found[2]) if found else (text.strip(), "")
    _known(quantity, (*QUANTITIES, "output"), "--where")
    field = quantity if quantity in Expect.model_fields else "params"
    try:
        expected = getattr(Expect.model_validate({field: written}), field)
    except ValidationError as error:
        problem = error.errors()[0]
        advice = str(problem.get("ctx", {}).get("mend", 'as in "params <= 5M", "output 1000"'))
        raise Unreadable(f"--where {text!r}: {problem['msg']}", advice) from None
    return Condition(quantity, expected if isinstance(expected, tuple) else (expected,))


def keys(text: str, option: str, more: Collection[str] = ()) -> list[Key]:
    """The quantities of ``params,-macs``; a minus is for those that are to be large. `Unreadable` where unknown."""
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
    value = row.number(key.quantity) if key.quantity in QUANTITIES else row.settings.get(key.quantity)
    if value is None:
        return (2, 0, "")
    is_number = isinstance(value, int | float | Fraction)
    return (0, key.sign * value, "") if is_number else (1, 0, str(value))


def front(rows: Sequence[Row], by: Sequence[Key]) -> set[int]:
    """The numbers of the rows that no other beats: as good in all quantities, and better in one (Pareto).

    Those of which a quantity is unknown are not on it.
    """
    points: dict[tuple[int | Fraction, ...], list[int]] = {}
    for number, row in enumerate(rows):
        values = [row.number(key.quantity) for key in by]
        if None not in values:
            point = tuple(key.sign * value for key, value in zip(by, values, strict=True) if value is not None)
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
