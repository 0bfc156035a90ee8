"""The types of layer fields that pydantic has no word for: sizes per axis, padding, shapes.

A value is checked and normalised here, once, when a layer is built. How many axes there are is known
only when a tensor arrives; `per_axis` and `pads` spread a value over them.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from shapecalc.notation import AXIS_NAMES, MAX_AXES, MAX_SIZE, Shape, counted, parse_shape, shown
from shapecalc.problems import LayerError

Pair: TypeAlias = "tuple[int, int]"

Count = Annotated[int, Field(ge=1, le=MAX_SIZE)]
"""A number of channels, features or groups."""

Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Real = Annotated[float, Field(allow_inf_nan=False)]


def whole_number(value: object, least: int) -> int:
    """The value, if it is a whole number of at least `least`. PydanticCustomError where it is not."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("wrong-type", f"a whole number is wanted, not {shown(value)}")
    if not least <= value <= MAX_SIZE:
        bound = f"at least {least}" if value < least else f"at most {MAX_SIZE:,}"
        raise PydanticCustomError("out-of-range", f"{shown(value)} is not {bound}")
    return value


def _sizes(least: int) -> Any:
    def check(value: object) -> int | tuple[int, ...]:
        if isinstance(value, list):
            if not 1 <= len(value) <= MAX_AXES:
                message = f"one number for all axes or one per axis is wanted, not {len(value)}"
                raise PydanticCustomError("wrong-rank", message)
            return tuple(whole_number(each, least) for each in value)
        return whole_number(value, least)

    return PlainValidator(check)


def _sizes_schema(least: int) -> WithJsonSchema:
    number = {"type": "integer", "minimum": least, "maximum": MAX_SIZE}
    listed = {"type": "array", "items": number, "minItems": 1, "maxItems": MAX_AXES}
    return WithJsonSchema(
        {"anyOf": [number, listed], "description": "one number for all axes, or one per axis (D, H, W)"}
    )


Sizes = Annotated[int | tuple[int, ...], _sizes(1), _sizes_schema(1)]
"""One number for all axes, or one per axis (D, H, W order); at least 1."""

Offsets = Annotated[int | tuple[int, ...], _sizes(0), _sizes_schema(0)]
"""As `Sizes`, from 0 upwards."""


def _factors(value: object) -> float | tuple[float, ...]:
    if isinstance(value, list):
        if not 1 <= len(value) <= MAX_AXES:
            message = f"one number for all axes or one per axis is wanted, not {len(value)}"
            raise PydanticCustomError("wrong-rank", message)
        return tuple(_factor(each) for each in value)
    return _factor(value)


def _factor(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("wrong-type", f"a number is wanted, not {shown(value)}")
    if not 0 < value <= MAX_SIZE:
        raise PydanticCustomError("out-of-range", f"{shown(value)} is not above 0 and at most {MAX_SIZE:,}")
    return float(value)


_FACTOR = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_SIZE}

Factors = Annotated[
    float | tuple[float, ...],
    PlainValidator(_factors),
    WithJsonSchema({"anyOf": [_FACTOR, {"type": "array", "items": _FACTOR, "minItems": 1, "maxItems": MAX_AXES}]}),
]
"""A factor for all axes or one per axis, above 0."""


def _amounts(value: object) -> int | tuple[Pair, ...]:
    if isinstance(value, list):
        if not 1 <= len(value) <= MAX_AXES:
            message = f"one number for all axes or one entry per axis is wanted, not {len(value)}"
            raise PydanticCustomError("wrong-rank", message)
        return tuple(_pair(each) for each in value)
    return whole_number(value, 0)


def _pair(value: object) -> Pair:
    if isinstance(value, list):
        if len(value) != 2:
            raise PydanticCustomError("wrong-rank", f"[before, after] is wanted, not {counted(len(value), 'number')}")
        return whole_number(value[0], 0), whole_number(value[1], 0)
    both = whole_number(value, 0)
    return both, both


def _padding(value: object) -> int | tuple[Pair, ...] | str:
    if isinstance(value, str):
        if value == "valid":
            return 0
        if value != "same":
            raise PydanticCustomError(
                "unknown-value", f"{shown(value)} is no padding", {"choices": ["same", "valid"], "given": value}
            )
        return value
    return _amounts(value)


_AMOUNT: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": MAX_SIZE}
_AMOUNT_PAIR = {"type": "array", "items": _AMOUNT, "minItems": 2, "maxItems": 2}
_AMOUNT_LIST = {
    "type": "array",
    "items": {"anyOf": [_AMOUNT, _AMOUNT_PAIR]},
    "minItems": 1,
    "maxItems": MAX_AXES,
}

Amounts = Annotated[
    int | tuple[Pair, ...],
    PlainValidator(_amounts),
    WithJsonSchema(
        {"anyOf": [_AMOUNT, _AMOUNT_LIST], "description": "a number, or per axis a number or [before, after]"}
    ),
]
"""Positions before and after each axis: one number for all, or per axis a number or [before, after]."""

Padding = Annotated[
    int | tuple[Pair, ...] | Literal["same"],
    PlainValidator(_padding),
    WithJsonSchema(
        {
            "anyOf": [_AMOUNT, _AMOUNT_LIST, {"enum": ["same", "valid"]}],
            "description": "a number, per axis a number or [before, after], or same or valid",
        }
    ),
]
"""As `Amounts`, or `same` (output ⌈n/stride⌉, the odd one after), or `valid` (none)."""


def _kept_sizes(value: object) -> int | tuple[int | None, ...]:
    if not isinstance(value, list):
        return whole_number(value, 1)
    if not 1 <= len(value) <= MAX_AXES:
        raise PydanticCustomError("wrong-rank", f"one number per axis is wanted, not {len(value)}")
    return tuple(None if each is None else whole_number(each, 1) for each in value)


_KEPT = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_SIZE}, {"type": "null"}]}

KeptSizes = Annotated[
    int | tuple[int | None, ...],
    PlainValidator(_kept_sizes),
    WithJsonSchema(
        {"anyOf": [_KEPT["anyOf"][0], {"type": "array", "items": _KEPT, "minItems": 1, "maxItems": MAX_AXES}]}
    ),
]
"""Output sizes; null keeps the axis as it is."""


def shape_of(value: object) -> Shape:
    """The channels-first shape that a spec writes. PydanticCustomError where it is none."""
    if isinstance(value, str):
        try:
            shape = parse_shape(value)
        except ValueError:
            raise PydanticCustomError("bad-shape", f"{shown(value)} is not a shape") from None
    else:
        listed = value if isinstance(value, list | tuple) else [value]  # a tuple: =in_shape
        shape = tuple(whole_number(each, 1) for each in listed)
    if not 1 <= len(shape) <= MAX_AXES + 1:
        message = f"a shape has channels and up to {MAX_AXES} spatial sizes, not {counted(len(shape), 'number')}"
        raise PydanticCustomError("wrong-rank", message)
    return tuple(whole_number(each, 1) for each in shape)


_POSITIVE = {"type": "integer", "minimum": 1, "maximum": MAX_SIZE}
SHAPE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": r"^\s*[1-9][0-9_]*(\s*[x×]\s*[1-9][0-9_]*){0,3}\s*$"},
        {"type": "array", "items": _POSITIVE, "minItems": 1, "maxItems": MAX_AXES + 1},
        _POSITIVE,
    ],
    "examples": ["224x224x3", [3, 224, 224], 784],
}

ShapeField = Annotated[Shape, PlainValidator(shape_of), WithJsonSchema(SHAPE_SCHEMA)]
"""``H×W×C`` as text, a channels-first list, or one number for a flat tensor; kept channels first."""


def per_axis(value: int | tuple[int, ...], rank: int, field: str) -> tuple[int, ...]:
    """The value of every spatial axis; LayerError where the numbers given do not fit the axes that arrive."""
    if isinstance(value, int):
        return (value,) * rank
    _fits(len(value), rank, field)
    return value


def per_axis_factor(value: float | tuple[float, ...], rank: int, field: str) -> tuple[float, ...]:
    """As `per_axis`, of factors."""
    if isinstance(value, float):
        return (value,) * rank
    _fits(len(value), rank, field)
    return value


def pads(value: int | tuple[Pair, ...], rank: int, field: str = "padding") -> tuple[Pair, ...]:
    """(before, after) of every spatial axis; LayerError where the entries do not fit the axes that arrive."""
    if isinstance(value, int):
        return ((value, value),) * rank
    _fits(len(value), rank, field)
    return value


def _fits(given: int, rank: int, field: str) -> None:
    if given != rank:
        axes = ", ".join(AXIS_NAMES[rank])
        advice = f"give one number for all axes, or {rank} ({axes})"
        if given == 2 and rank == 1:
            advice += "; before and after of one axis are written [[before, after]]"
        entries, arriving = counted(given, "entry", "entries"), counted(rank, "spatial axis", "spatial axes")
        message = f"`{field}` has {entries}, but what arrives has {arriving}"
        raise LayerError("wrong-rank", message, field=field, help=advice)
