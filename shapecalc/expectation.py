"""What a spec says its numbers should be: exactly, as rounded in print, or within a bound."""

from __future__ import annotations

from typing import Annotated, Any

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

from shapecalc.expected_values import (
    AXES_TEXT,
    SHAPE_TEXT,
    SIGNED,
    STARTS_TEXT,
    Expected,
    Listed,
    all_hold,
    axes,
    count,
    on_axis,
    output,
    refused,
    starts,
)
from shapecalc.layers.fields import SHAPE_SCHEMA
from shapecalc.notation import MAX_AXES, MAX_SIZE, Shape, shown

__all__ = ["QUANTITIES", "Asked", "Expect", "Expected", "ExpectedNumber", "Listed", "all_hold"]


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


_TEXT = {
    "type": "string",
    "pattern": r"^\s*([0-9][0-9_]*|(~|<=|>=)\s*[0-9][0-9_]*(\.[0-9]+)?\s*[kKMGBT]?)\s*$",
}
_NUMBERS: dict[str, Any] = {
    "anyOf": [{"type": "integer", "minimum": 0}, _TEXT],
    "examples": [138357544, "~138M", "<= 140M", ">= 200"],
}
_AXIS: dict[str, Any] = {"anyOf": [*_NUMBERS["anyOf"], {"type": "string", "pattern": "^[0-9]+/[1-9][0-9]*$"}]}
_WHOLE: dict[str, Any] = {"type": "integer", "minimum": -MAX_SIZE, "maximum": MAX_SIZE}


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _list(items: dict[str, Any], most: int = MAX_AXES) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


_SHAPES = {
    **SHAPE_SCHEMA,
    "anyOf": [*SHAPE_SCHEMA["anyOf"], _text(SHAPE_TEXT), _list(_WHOLE, MAX_AXES + 1)],
}

ExpectedNumber = Annotated[Expected, PlainValidator(count), WithJsonSchema(_NUMBERS)]
ExpectedAxes = Annotated[
    tuple[Annotated[Expected, PlainValidator(on_axis)], ...],
    Field(strict=False),
    BeforeValidator(axes),
    WithJsonSchema({"anyOf": [*_AXIS["anyOf"], _text(AXES_TEXT), _list(_AXIS)]}),
]
_START: dict[str, Any] = {"anyOf": [_WHOLE, _text(SIGNED)]}
ExpectedStarts = Annotated[
    tuple[Expected, ...],
    PlainValidator(starts),
    WithJsonSchema({"anyOf": [_WHOLE, _text(STARTS_TEXT), _list(_START)]}),
]
ExpectedShape = Annotated[Shape, PlainValidator(output), WithJsonSchema(_SHAPES)]


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
            raise refused("nothing is written", "leave the key out, or write a number")
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
