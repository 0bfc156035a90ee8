"""Bounds on what a network may become: a number, or what it may gain over the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from pydantic import ValidationError

from shapecalc.comparison.change import Comparison
from shapecalc.expectation import Expect
from shapecalc.files import Unreadable
from shapecalc.receptive_field import ReceptiveField

BOUNDED = ("params", "trainable", "buffers", "macs", "tensor_size", "receptive_field")
"""What can be bounded; a receptive field is as large as its largest side."""

_PERCENT = re.compile(r"([+-])([0-9]+(?:\.[0-9]+)?)\s*%")
_AS_IN = "as in 600M, +100k, +5%"


class Bound(NamedTuple):
    """One bound.

    Attributes:
        quantity: one of `BOUNDED`.
        text: as written.
        amount: the most, or the most that may be added; for a share, of 1.
        kind: whether it is the ``most``, a ``gain``, or a ``share`` of what was there.
    """

    quantity: str
    text: str
    amount: Fraction
    kind: str

    def limit(self, before: int) -> Fraction:
        """The largest number that keeps to it."""
        if self.kind == "most":
            return self.amount
        return before + self.amount if self.kind == "gain" else before * (1 + self.amount)


class Verdict(NamedTuple):
    """A bound that was looked at: both numbers, None where unknown."""

    bound: Bound
    before: int | None
    after: int | None

    @property
    def holds(self) -> bool:
        """Whether the network keeps to it; what is unknown does not."""
        if self.after is None or (self.before is None and self.bound.kind != "most"):
            return False
        return self.after <= self.bound.limit(self.before or 0)

    @property
    def message(self) -> str:
        """Both numbers, and the bound."""
        words = self.bound.quantity.replace("_", " ")
        after, before = (("unknown" if n is None else f"{n:,}") for n in (self.after, self.before))
        verb = "are" if words.endswith("s") else "is"
        if self.bound.kind == "most":
            return f"{words} {verb} {after}, at most {self.bound.text} wanted"
        most = "" if self.before is None else f", which is {int(self.bound.limit(self.before)):,}"
        return f"{words} {verb} {after}, {before} before; at most {self.bound.text} wanted{most}"


def bound(quantity: str, text: str) -> Bound:
    """The bound that is written: ``600M``, ``+100k``, ``+5%``, ``-1%``. `Unreadable` where it is none."""
    written = text.strip()
    percent = _PERCENT.fullmatch(written)
    if percent:
        return Bound(quantity, written, Fraction(percent[1] + percent[2]) / 100, "share")
    sign, digits = (written[0], written[1:]) if written[:1] in ("+", "-") else ("", written)
    try:
        expected = Expect.model_validate({"params": f"<= {digits}"}).params
    except ValidationError:
        expected = None
    if expected is None:
        raise Unreadable(f"--max-{quantity.replace('_', '-')} {text!r} is no bound", _AS_IN)
    return Bound(quantity, written, Fraction(f"{sign}{expected.value}"), "gain" if sign else "most")


def verdicts(comparison: Comparison, bounds: Mapping[str, Bound]) -> Iterator[Verdict]:
    """Every bound with the numbers that it is about."""
    for quantity, each in bounds.items():
        both = comparison.totals[quantity]
        yield Verdict(each, _number(both.before), _number(both.after))


def _number(value: object) -> int | None:
    if isinstance(value, ReceptiveField):
        return max(value.size, default=None)
    return value if isinstance(value, int) else None
