"""What a spec says its numbers should be: exactly, as rounded in print, or within a bound."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from shapecalc.layers.fields import SHAPE_SCHEMA, shape_of
from shapecalc.notation import MAX_AXES, MAX_SIZE, Shape, shown

_UNITS = {"": 0, "k": 3, "K": 3, "M": 6, "G": 9, "B": 9, "T": 12}
_NUMBER = r"(?P<digits>[0-9][0-9_]*(?:\.[0-9]+)?)\s*(?P<unit>[kKMGBT]?)"
_WRITTEN = re.compile(rf"\s*(?P<sign>~|<=|>=|)\s*{_NUMBER}\s*")
_FRACTION = re.compile(r"[0-9]{1,9}/[1-9][0-9]{0,8}")

_NO_SIZES = re.compile(r"-?[0-9]{1,9}([x×]-?[0-9]{1,9}){0,3}")

_EXAMPLES = 'as in 138357544, "~138M", "<= 140M", ">= 200"'

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


def _refused(message: str, mend: str = _EXAMPLES) -> PydanticCustomError:
    return PydanticCustomError("bad-expectation", message, {"mend": mend})


def _closed_bound(value: object) -> str | None:
    """How a bound that leaves its own number out is written."""
    found = re.fullmatch(r"\s*([<>])\s*([0-9]{1,30})\s*", value) if isinstance(value, str) else None
    if found is None:
        return None
    return f'"<= {int(found[2]) - 1}"' if found[1] == "<" else f'">= {int(found[2]) + 1}"'


def _expected(value: object) -> Expected:
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise _refused(f"{shown(value)} is below 0")
        return Expected("", Fraction(value), Fraction(0), f"{value:,}")
    found = _WRITTEN.fullmatch(value) if isinstance(value, str) and len(value) <= 60 else None
    if found is None:
        raise _refused(f"a number or a bound is wanted, not {shown(value)}", _closed_bound(value) or _EXAMPLES)
    digits, power = Decimal(found["digits"].replace("_", "")), _UNITS[found["unit"]]
    if not found["sign"] and (power or digits != int(digits)):
        rounded = f'"~{found.group().strip()}"'
        raise _refused(f"{shown(value)} is rounded, but not marked as rounded", f"write {rounded}")
    scale = Fraction(10) ** power
    decimals = -int(digits.as_tuple().exponent)
    return Expected(found["sign"], Fraction(digits) * scale, scale / 10**decimals / 2, str(value).strip())


def _listed(value: object) -> list[object]:
    values = value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= MAX_AXES:
        raise PydanticCustomError("wrong-rank", f"one number or one per axis is wanted, not {len(values)}")
    return values


def _on_axis(value: object) -> Expected:
    if not isinstance(value, str) or "/" not in value:
        return _expected(value)
    if not _FRACTION.fullmatch(value):
        raise _refused(f"a number or a fraction is wanted, not {shown(value)}", 'as in 32, "1/2"')
    return Expected("", Fraction(value), Fraction(0), value)


_TEXT = {
    "type": "string",
    "pattern": r"^\s*([0-9][0-9_]*|(~|<=|>=)\s*[0-9][0-9_]*(\.[0-9]+)?\s*[kKMGBT]?)\s*$",
}


def _output(value: object) -> Shape:
    """The shape that is expected; a wrong answer may have sizes that no tensor has, 0 or below."""
    if isinstance(value, list) and 1 <= len(value) <= MAX_AXES + 1 and all(map(_is_whole, value)):
        return tuple(value)
    if isinstance(value, str) and _NO_SIZES.fullmatch(value):
        *spatial, channels = map(int, re.split("[x×]", value))
        return (channels, *spatial)
    return shape_of(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_SIZE


def _starts(value: object) -> tuple[Expected, ...]:
    """The first pixels of unit 0, which lie in the padding where they are below 0."""
    values = _listed(value)
    if not all(map(_is_whole, values)):
        raise _refused(f"whole numbers are wanted, not {shown(value)}", "as in -1, or [-1, -2]")
    return tuple(Expected("", Fraction(each), Fraction(0), f"{each:,}") for each in values if isinstance(each, int))


def _words(value: object) -> list[object]:
    words = value if isinstance(value, list) else [value]
    if not words:
        raise PydanticCustomError("wrong-rank", "a quantity or more is wanted, as in [output, params]")
    return words


def _quantity(word: object) -> str:
    if isinstance(word, str) and word in QUANTITIES:
        return word
    near = {"choices": [*QUANTITIES], "given": word} if isinstance(word, str) else {}
    raise PydanticCustomError("unknown-value", f"{shown(word)} is none of {', '.join(QUANTITIES)}", near)


_NUMBERS: dict[str, Any] = {
    "anyOf": [{"type": "integer", "minimum": 0}, _TEXT],
    "examples": [138357544, "~138M", "<= 140M", ">= 200"],
}
_AXIS: dict[str, Any] = {"anyOf": [*_NUMBERS["anyOf"], {"type": "string", "pattern": "^[0-9]+/[1-9][0-9]*$"}]}

ExpectedNumber = Annotated[Expected, PlainValidator(_expected), WithJsonSchema(_NUMBERS)]
ExpectedAxes = Annotated[
    tuple[Annotated[Expected, PlainValidator(_on_axis)], ...],
    Field(strict=False),
    BeforeValidator(_listed),
    WithJsonSchema(
        {"anyOf": [*_AXIS["anyOf"], {"type": "array", "items": _AXIS, "minItems": 1, "maxItems": MAX_AXES}]}
    ),
]

_START: dict[str, Any] = {"type": "integer", "minimum": -MAX_SIZE, "maximum": MAX_SIZE}
ExpectedStarts = Annotated[
    tuple[Expected, ...],
    PlainValidator(_starts),
    WithJsonSchema({"anyOf": [_START, {"type": "array", "items": _START, "minItems": 1, "maxItems": MAX_AXES}]}),
]

_WHOLE: dict[str, Any] = {"type": "integer", "minimum": -MAX_SIZE, "maximum": MAX_SIZE}
_NO_TENSOR: dict[str, Any] = {"type": "string", "pattern": r"^-?[0-9]{1,9}([x×]-?[0-9]{1,9}){0,3}$"}
_LISTED: dict[str, Any] = {"type": "array", "items": _WHOLE, "minItems": 1, "maxItems": MAX_AXES + 1}
ExpectedShape = Annotated[
    Shape,
    PlainValidator(_output),
    WithJsonSchema({**SHAPE_SCHEMA, "anyOf": [*SHAPE_SCHEMA["anyOf"], _NO_TENSOR, _LISTED]}),
]


def _never_null(schema: dict[str, Any]) -> None:
    """Takes null out of the JSON Schema: a key that is not wanted is left out."""
    for field in schema["properties"].values():
        field["anyOf"].remove({"type": "null"})
        del field["default"]


class Expect(BaseModel):
    """The numbers that a spec, or one of its layers, is expected to have."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True, json_schema_extra=_never_null)

    output: ExpectedShape | None = None
    params: ExpectedNumber | None = None
    weights: ExpectedNumber | None = None
    biases: ExpectedNumber | None = None
    trainable: ExpectedNumber | None = None
    buffers: ExpectedNumber | None = None
    macs: ExpectedNumber | None = None
    flops: ExpectedNumber | None = None
    tensor_size: ExpectedNumber | None = None
    receptive_field: ExpectedAxes | None = None
    stride: ExpectedAxes | None = None
    start: ExpectedStarts | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _given(cls, value: object) -> object:
        if value is None:
            raise _refused("nothing is written", "leave the key out, or write a number")
        return value


QUANTITIES = tuple(Expect.model_fields)
"""What can be expected and asked."""

_WORD = {"enum": [*QUANTITIES]}
Asked = Annotated[
    tuple[Annotated[str, PlainValidator(_quantity)], ...],
    Field(strict=False),
    BeforeValidator(_words),
    WithJsonSchema(
        {"anyOf": [_WORD, {"type": "array", "items": _WORD, "minItems": 1}], "examples": [["output", "params"]]}
    ),
]
"""One quantity or several, to be answered."""


def all_hold(expected: tuple[Expected, ...], actual: tuple[Number, ...]) -> bool:
    """Whether the number expected of every axis, or one for all of them, is what it is."""
    if len(expected) == 1:
        expected *= len(actual)
    return len(expected) == len(actual) and all(e.holds(a) for e, a in zip(expected, actual, strict=True))
