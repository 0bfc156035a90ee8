"""An expected number, numbers or shape: how each is read from what a spec writes, and whether it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, final

from pydantic_core import PydanticCustomError

from shapecalc.corrections import as_axes, as_count
from shapecalc.layers.fields import shape_of
from shapecalc.notation import MAX_AXES, MAX_SIZE, Shape, shown

_UNITS = {"": 0, "k": 3, "K": 3, "M": 6, "G": 9, "B": 9, "T": 12}
_NUMBER = r"(?P<digits>[0-9][0-9_]*(?:\.[0-9]+)?)\s*(?P<unit>[kKMGBT]?)"
_WRITTEN = re.compile(rf"\s*(?P<sign>~|<=|>=|)\s*{_NUMBER}\s*")
_LONGEST = 60

SIGNED = "[-−]?[0-9]{1,9}"
"""A whole number that may be below 0, as text."""
_PART = r"[0-9]{1,9}(/[1-9][0-9]{0,8})?"
_BETWEEN = r"(\s*[xX×]\s*|, )"
SHAPE_TEXT = rf"\s*{SIGNED}(\s*[xX×]\s*{SIGNED}){{0,{MAX_AXES}}}\s*"
"""A shape as text; a wrong answer may have sizes that no tensor has, 0 or below."""
AXES_TEXT = rf"\s*{_PART}({_BETWEEN}{_PART}){{0,{MAX_AXES - 1}}}\s*"
"""A number or fraction for all axes or for each, as they are printed: ``5×5``, ``1/2, 1/3``."""
STARTS_TEXT = rf"\s*{SIGNED}({_BETWEEN}{SIGNED}){{0,{MAX_AXES - 1}}}\s*"
"""The same, of numbers that may be below 0: ``−1, −2``."""

_EXAMPLES = 'as in 138357544, "~138M", "<= 140M", ">= 200"'
_AXES_EXAMPLES = 'as in 5, 5x3, [5, 3], ">= 5"'
_STARTS_EXAMPLES = "as in -1, or [-1, -2]"

Number: TypeAlias = "int | Fraction"


@dataclass(frozen=True, slots=True)
class Expected:
    """One expected number. `sign` is empty for an exact one, else ``~``, ``<=`` or ``>=``.

    Attributes:
        value: the number written, its unit multiplied in.
        step: half a unit of the last digit written, by which a rounded one may differ.
        text: as written.

    """

    sign: str
    value: Fraction
    step: Fraction
    text: str

    def holds(self, actual: Number) -> bool:
        """Whether the actual number is what was expected."""
        if self.sign == "~":
            return abs(actual - self.value) <= self.step
        if self.sign == "<=":
            return actual <= self.value
        return actual >= self.value if self.sign == ">=" else actual == self.value


def all_hold(expected: tuple[Expected, ...], actual: tuple[Number, ...]) -> bool:
    """Whether the number expected of every axis, or one for all of them, is what it is."""
    if len(expected) == 1:
        expected *= len(actual)
    return len(expected) == len(actual) and all(e.holds(a) for e, a in zip(expected, actual, strict=True))


@final
class Listed(tuple[int, ...]):
    """A shape, channels first, that was written as a list."""

    __slots__ = ()


def refused(message: str, mend: str = _EXAMPLES) -> PydanticCustomError:
    """The refusal of an expectation, with the way to write it."""
    return PydanticCustomError("bad-expectation", message, {"mend": mend})


# ---- one number ----


def count(value: object) -> Expected:
    """The number that is expected of a count. PydanticCustomError where it is none."""
    return _number(value, as_count(value) or _EXAMPLES)


def _number(value: object, mend: str) -> Expected:
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise refused(f"{shown(value)} is below 0")
        return _exact(value)
    text = str(value) if isinstance(value, str | float) else ""
    found = _WRITTEN.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise refused(f"a number or a bound is wanted, not {shown(value)}", _closed_bound(value) or mend)
    digits, scale = Decimal(found["digits"].replace("_", "")), Fraction(10) ** _UNITS[found["unit"]]
    if not found["sign"] and (found["unit"] or "." in found["digits"]):
        raise _unmarked(found.group().strip(), Fraction(digits) * scale)
    decimals = -int(digits.as_tuple().exponent)
    return Expected(found["sign"], Fraction(digits) * scale, scale / 10**decimals / 2, found.group().strip())


def _exact(value: int) -> Expected:
    return Expected("", Fraction(value), Fraction(0), f"{value:,}")


def _closed_bound(value: object) -> str | None:
    """How a bound that leaves its own number out is written."""
    found = re.fullmatch(r"\s*([<>])\s*([0-9]{1,30})\s*", value) if isinstance(value, str) else None
    if found is None:
        return None
    return f'"<= {int(found[2]) - 1}"' if found[1] == "<" else f'">= {int(found[2]) + 1}"'


def _unmarked(text: str, value: Fraction) -> PydanticCustomError:
    """The refusal of a number that is no whole one, or that may be meant as exact or as rounded."""
    rounded = f'write "~{text}" where it is rounded'
    if value.denominator > 1:
        return refused(f"{shown(text)} is no whole number, and not marked as rounded", rounded)
    exact = as_count(text)  # a fraction of zero and no unit
    if exact is not None:
        return refused(f"a whole number is wanted, not {shown(text)}", exact)
    return refused(f"{shown(text)} does not say whether it is rounded", f"{rounded}, {value} where not")


# ---- a number for each axis ----


def on_axis(value: object) -> Expected:
    """The number that is expected along an axis. PydanticCustomError where it is none."""
    if not isinstance(value, str) or "/" not in value:
        return _number(value, as_axes(value) or _AXES_EXAMPLES)
    if not re.fullmatch(_PART, value):
        raise refused(f"a number or a fraction is wanted, not {shown(value)}", 'as in 32, "1/2"')
    return Expected("", Fraction(value), Fraction(0), value)


def axes(value: object) -> list[object]:
    """What is written for the axes, one value for all or one for each. PydanticCustomError where there are too many."""
    return _parts(value, AXES_TEXT)


def starts(value: object) -> tuple[Expected, ...]:
    """The first pixels of unit 0, which lie in the padding where they are below 0."""
    values = [_signed(each) for each in _parts(value, STARTS_TEXT)]
    if not all(map(_is_whole, values)):
        raise refused(f"whole numbers are wanted, not {shown(value)}", as_axes(value) or _STARTS_EXAMPLES)
    return tuple(_exact(each) for each in values if isinstance(each, int))


def _parts(value: object, pattern: str) -> list[object]:
    """What is written for the axes, as a list or as a text with `x` or a comma between."""
    values: list[object] = value if isinstance(value, list) else [value]
    if isinstance(value, str) and len(value) <= _LONGEST and re.fullmatch(pattern, value):
        values = [part.strip() for part in re.split("[xX×,]", value)]
    if not 1 <= len(values) <= MAX_AXES:
        raise PydanticCustomError("wrong-rank", f"one number or one per axis is wanted, not {len(values)}")
    return values


def _signed(value: object) -> object:
    """The whole number that a text writes, or what is written."""
    return int(value.replace("−", "-")) if isinstance(value, str) and re.fullmatch(SIGNED, value) else value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_SIZE


# ---- a shape ----


def output(value: object) -> Shape:
    """The shape that is expected, channels first. PydanticCustomError where it is none."""
    if isinstance(value, list):
        return Listed(value if 1 <= len(value) <= MAX_AXES + 1 and all(map(_is_whole, value)) else shape_of(value))
    if isinstance(value, str) and len(value) <= _LONGEST and re.fullmatch(SHAPE_TEXT, value):
        *spatial, channels = (int(part.replace("−", "-")) for part in re.split("[xX×]", value))
        return (channels, *spatial)
    return shape_of(value)
