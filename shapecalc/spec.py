"""The spec language's own models: a network as written, before any shape is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from shapecalc.expectation import Asked, Expect
from shapecalc.expressions import is_expression
from shapecalc.inputs import FIRST, by_name
from shapecalc.layers import Layer
from shapecalc.layers.fields import SHAPE_SCHEMA, shape_of, whole_number
from shapecalc.layers.merge import Merge
from shapecalc.notation import Shape, shown
from shapecalc.problems import Diagnostic, Path, Position, Problem, SpecError, Suggestion
from shapecalc.source import MAX_PROBLEMS, Document, Source, too_many_problems

MAX_LAYERS = 1_000_000
"""How many layers a spec may expand to, unless the caller allows more."""

NAME_PATTERN = r"[^\W\d][\w\-./]{0,63}"
"""Names of layers: a letter or underscore, then letters, digits, and - . / _"""

VARIABLE_PATTERN = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
"""Names of variables, as expressions can say them."""

INPUT_NAME = "input"

_STRICT = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True, regex_engine="python-re")
# Rust's regex engine takes 20 ms to compile a counted \w


def _inputs(value: object) -> Shape | dict[str, Shape]:
    if not isinstance(value, dict):
        return shape_of(value)
    if not value:
        raise PydanticCustomError("wrong-type", "an input has a name and a shape, as in {image: 224x224x3}")
    for name in value:
        if not re.fullmatch(NAME_PATTERN, name):
            raise PydanticCustomError("bad-name", f"{shown(name)} is no name")
    return {name: shape_of(each) for name, each in value.items()}


def _repeat(value: object) -> int | str:
    return str(value) if is_expression(value) else whole_number(value, 1)


def _flag(value: object) -> bool | str:
    if isinstance(value, bool) or (isinstance(value, str) and is_expression(value)):
        return value
    raise PydanticCustomError("wrong-type", f"true, false or an expression is wanted, not {shown(value)}")


_UNKNOWN = r"\?([A-Za-z_][A-Za-z0-9_]{0,63})?"

STAND_IN_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": rf"^=|^{_UNKNOWN}$",
    "description": "an expression, as in =width*2, or ? for a value that `shapecalc solve` finds",
}
"""What may stand in place of a value."""

_SIZE = rf"({_UNKNOWN}|[1-9][0-9_]*)"
_TEXT, _LIST, _NUMBER = SHAPE_SCHEMA["anyOf"]
_UNKNOWN_OR_NUMBER = {"anyOf": [_LIST["items"], {"type": "string", "pattern": rf"^{_UNKNOWN}$"}]}
_INPUT_SCHEMA: list[dict[str, Any]] = [
    {**_TEXT, "pattern": rf"^\s*{_SIZE}(\s*[x×]\s*{_SIZE}){{0,3}}\s*$"},
    {**_LIST, "items": _UNKNOWN_OR_NUMBER},
    _NUMBER,
]

Inputs = Annotated[
    Shape | dict[str, Shape],
    PlainValidator(_inputs),
    WithJsonSchema(
        {
            "anyOf": [
                *_INPUT_SCHEMA,
                {
                    "type": "object",
                    "additionalProperties": {"anyOf": _INPUT_SCHEMA},
                    "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
                    "minProperties": 1,
                },
            ]
        }
    ),
]
Repeat = Annotated[
    int | str, PlainValidator(_repeat), WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, STAND_IN_SCHEMA]})
]
Flag = Annotated[bool | str, PlainValidator(_flag), WithJsonSchema({"anyOf": [{"type": "boolean"}, STAND_IN_SCHEMA]})]
Name = Annotated[str, StringConstraints(pattern=f"^{NAME_PATTERN}$")]
Variable = Annotated[str, StringConstraints(pattern=f"^{VARIABLE_PATTERN}$")]


class Header(BaseModel):
    """A spec's own keys; what stands under `layers` and in blocks is read item by item."""

    model_config = _STRICT

    name: str | None = Field(None, description="what the network is called", max_length=200)
    source: str | None = Field(None, description="where the architecture is published")
    question: str | None = Field(None, description="the exercise that this spec answers")
    include: list[str] = Field([], description="files beside this one whose blocks are used")
    vars: dict[Variable, Any] = Field({}, description="variables, for expressions such as =width*2")
    blocks: dict[str, Any] = Field({}, description="layers under one name, with variables of their own")
    variants: dict[str, dict[str, Any]] = Field({}, description="by name: values of variables, input, expect")
    input: Inputs = Field(
        description="H×W×C as in 224x224x3, or channels first as a list; several inputs: a mapping of name to shape"
    )
    layers: Annotated[list[Any], Field(strict=False)]
    expect: Expect | None = Field(None, description="numbers that the whole network must have")
    ask: Asked = Field((), description="quantities that `show` and `explain` are to answer")


class BlockKeys(BaseModel):
    """What a block is made of."""

    model_config = _STRICT

    vars: dict[Variable, Any] = Field({}, description="variables; one without a value must be given by each call")
    layers: Annotated[list[Any], Field(strict=False)]


class ItemKeys(BaseModel):
    """What may stand in an item beside its layer."""

    model_config = _STRICT

    name: Annotated[Name, Field(description="the layer's name; unique")] | None = None
    origin: Annotated[str | list[str] | None, Field(alias="from", description="what it reads; else the one above")] = (
        None
    )
    repeat: Repeat | None = Field(None, description="how many times in a row")
    when: Flag = Field(True, description="whether the item is there")
    share: str | None = Field(None, description="the layer or block whose weights it uses; they count once")
    frozen: bool = Field(False, description="parameters are there but not trained")
    join: Literal["add", "multiply", "concat"] | None = Field(None, description="how the branches of parallel meet")
    expect: Expect | None = Field(None, description="numbers that this layer must have")
    ask: Asked = Field((), description="quantities of this layer that `show` and `explain` are to answer")


class Home(NamedTuple):
    """The text that something stands in."""

    source: Source
    document: Document

    def diagnostic(self, problem: Problem) -> Diagnostic:
        """The problem with its place in this text."""
        return self.source.diagnostic(problem, self.document)

    def refused(self, problems: list[Problem]) -> SpecError:
        """The error with all problems by their places; what follows from another of them is not reported."""
        source, document = self
        if any(problem.code == "bad-include" for problem in problems):
            problems = [each for each in problems if each.code != "unknown-layer" or isinstance(each.help, Suggestion)]
        textual = {problem.position for problem in problems if problem.position is not None}
        places = [p.position or document.locate(p.path, on_key=p.on_key) for p in problems]
        found = [
            source.diagnostic(problem, document)
            for problem, place in zip(problems, places, strict=True)
            if problem.position is not None or place not in textual
        ]
        found.sort(key=lambda d: (d.line, d.column))
        if len(found) > MAX_PROBLEMS:
            place = Position(found[MAX_PROBLEMS].line, found[MAX_PROBLEMS].column)
            found[MAX_PROBLEMS:] = [source.diagnostic(too_many_problems(place), document)]
        return SpecError(tuple(found))


class Branch(NamedTuple):
    """One branch of a `parallel`: its name (None: numbered) and what stands in it."""

    name: str | None
    items: tuple[Item, ...]


class Item(NamedTuple):
    """One entry of `layers`: a layer, a join, a block or branches, once or several times in a row.

    Attributes:
        kind: which of the four.
        type: the type's own word (`fc` where `dense` is written), or the block's name.
        word: the word that the spec has for it.
        written: what stands behind the word, where expressions are left in it.
        layer: the fields; None where they hold expressions, and for blocks and branches.
        keys: name, from, repeat and the like.
        branches: of a `parallel`.
        path: where it stands in its document.
        home: the text that it stands in.
    """

    kind: Literal["layer", "merge", "block", "parallel"]
    type: str
    word: str
    written: Any
    layer: Layer | Merge | None
    keys: ItemKeys
    branches: tuple[Branch, ...]
    path: Path
    home: Home

    @property
    def data(self) -> dict[str, Any]:
        """The item as the document has it; empty for a bare word."""
        node: Any = self.home.document.data
        for step in self.path:
            node = node[step]
        return node if isinstance(node, dict) else {}


REQUIRED = object()
"""The default of a block's variable that each call must give."""


class Block(NamedTuple):
    """Layers under one name.

    Attributes:
        name: as in `blocks`.
        defaults: its variables; `REQUIRED` where a call must give the value.
        items: what it is made of.
        path: where it stands in its document.
        home: the text that it stands in.
    """

    name: str
    defaults: Mapping[str, Any]
    items: tuple[Item, ...]
    path: Path
    home: Home


class Spec(NamedTuple):
    """One network as written, checked for everything that can be checked without shapes.

    Attributes:
        name: its name, or the file's.
        citation: where the architecture is published, as the spec says.
        question: the exercise's text.
        inputs: the inputs' shapes by name, channels first.
        items: the layers as written.
        expect: numbers that the whole network must have.
        warnings: what is probably not meant.
        home: the text it comes from.
        vars: variables and their values, expressions still in them.
        blocks: by name.
        variants: their names.
        is_expecting: whether the expectations are about this network.
        expect_path: where the network's expectations stand.
        ask: quantities of the whole network that are to be answered.
    """

    name: str
    citation: str | None
    question: str | None
    inputs: Mapping[str, Shape]
    items: tuple[Item, ...]
    expect: Expect | None
    warnings: tuple[Problem, ...]
    home: Home
    vars: Mapping[str, Any] = MappingProxyType({})
    blocks: Mapping[str, Block] = MappingProxyType({})
    variants: tuple[str, ...] = ()
    is_expecting: bool = True
    expect_path: Path = ("expect",)
    ask: tuple[str, ...] = ()

    def with_input(self, shape: Shape | Mapping[str, Shape]) -> Spec:
        """The same network on another first input, or on others by name; what it expects is not about these.

        `Unreadable` where no input has the name.
        """
        given = by_name(shape if isinstance(shape, Mapping) else {FIRST: shape}, [*self.inputs])
        return self._replace(inputs={**self.inputs, **given}, is_expecting=False, warnings=())
