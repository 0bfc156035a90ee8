"""A derivation as a value, and the sheet on which one is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from shapecalc.derivation.expression import Number, letters, put_in
from shapecalc.derivation.letters import AXIS_LETTERS, enumerated, shape_letters
from shapecalc.notation import AXIS_NAMES
from shapecalc.result import Step

Result: TypeAlias = "int | Fraction | str | None"
"""A number of the trace; a sentence where there is none; None where it is unknown."""

Place: TypeAlias = "tuple[str, str]"
"""A heading and, below it, the quantity; either may be empty."""


class Line(NamedTuple):
    """One quantity with its working. Formulas are expressions as in `shapecalc.derivation.expression`.

    Attributes:
        group: the heading under which it stands.
        quantity: what it is, in words.
        symbol: its letter (``W2``), letters of equal quantities (``W2 = H2``), or nothing.
        formula: the expression in letters, or nothing.
        substituted: the expression with the numbers, or nothing.
        result: the trace's own number, never evaluated from the formula.
        unit: what is counted.
        remark: a convention or a reason, in words.

    """

    group: str
    quantity: str
    symbol: str = ""
    formula: str = ""
    substituted: str = ""
    result: Result = None
    unit: str = ""
    remark: str = ""

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the symbol and the formula."""
        return (*letters(self.symbol), *letters(self.formula))

    @property
    def expressions(self) -> tuple[str, str]:
        """The formula in letters and in numbers."""
        return self.formula, self.substituted

    @property
    def is_named(self) -> bool:
        """Whether the symbol is a word that the quantity or the heading says already."""
        said = {*self.group.split(), *self.quantity.split(), "params", "tensor_size"}
        return self.symbol in said


class Derivation(NamedTuple):
    """The working of one layer, or of a network's totals.

    Attributes:
        name: the layer's name.
        statement: what it is and does, in a line.
        lines: its quantities; none where the statement says everything.
        notes: the trace's notes about it.

    """

    name: str
    statement: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


class Counts(NamedTuple):
    """The formulas of a layer's counts, and remarks; a count without a formula is 0 and says why."""

    weights: str = ""
    biases: str = ""
    macs: str = ""
    buffers: str = ""
    of_weights: str = ""
    of_biases: str = ""
    of_macs: str = ""
    of_buffers: str = "running mean and variance, stored and not learned"


class Sheet:
    """The working of one layer in the making: its letters with their numbers, and the lines so far."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.arriving = step.in_shapes[0]
        self.leaving = step.out_shape
        self.values: dict[str, Number] = {
            **shape_letters(self.arriving, "1"),
            **shape_letters(self.leaving, "2"),
        }
        self.lines: list[Line] = []

    @property
    def channels(self) -> str:
        """The letter of the channels that arrive, or of the values where they are flat."""
        return "N1" if len(self.arriving) == 1 else "D1"

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the spatial axes of what leaves."""
        return AXIS_NAMES.get(len(self.leaving) - 1, ())

    def say(self, at: Place, result: Result, remark: str = "", symbol: str = "") -> None:
        """A line without a formula."""
        self.lines.append(Line(*at, symbol, result=result, remark=remark))

    def work(self, line: Line, **more: Number) -> None:
        """A line whose formula's letters are this sheet's and `more`."""
        values: Mapping[str, Number] = {**self.values, **more}
        self.lines.append(line._replace(substituted=put_in(line.formula, values)))


def number(value: int | Fraction) -> str:
    """The number for people.

    >>> number(1728), number(-3), number(Fraction(1, 2))
    ('1,728', '−3', '1/2')
    """
    whole = f"{value.numerator:,}".replace("-", "−")
    return whole if value.denominator == 1 else f"{whole}/{value.denominator:,}"


def positions(shape_index: str, axes: tuple[str, ...]) -> str:
    """The expression of a tensor's positions.

    >>> positions("2", ("height", "width"))
    'H2*W2'
    """
    return "*".join(f"{AXIS_LETTERS[axis]}{shape_index}" for axis in axes)


def alike(keys: list[object]) -> list[list[int]]:
    """The axes in groups of equal keys, in order.

    >>> alike([3, 5, 3])
    [[0, 2], [1]]
    """
    groups: list[list[int]] = []
    for axis, key in enumerate(keys):
        for group in groups:
            if keys[group[0]] == key:
                group.append(axis)
                break
        else:
            groups.append([axis])
    return groups


def named(axes: tuple[str, ...], group: list[int]) -> str:
    """The axes of a group in words.

    >>> named(("height", "width"), [0, 1])
    'height and width'
    """
    return enumerated([axes[axis] for axis in group])
