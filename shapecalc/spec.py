"""The spec language's own models: a network as written, before any shape is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shapecalc.expectation import Expect
from shapecalc.layers import Layer
from shapecalc.layers.fields import ShapeField
from shapecalc.notation import Shape
from shapecalc.problems import Path, Position, Problem, SpecError
from shapecalc.source import MAX_PROBLEMS, Document, Source, too_many_problems

MAX_LAYERS = 1_000_000
"""How many layers a spec may expand to, unless the caller allows more."""

NAME_PATTERN = r"[^\W\d][\w\-./]{0,63}"
"""Names of layers: a letter or underscore, then letters, digits, and - . / _"""

INPUT_NAME = "input"


class Header(BaseModel):
    """A spec's own keys; what stands under `layers` is read item by item."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    name: str | None = Field(None, description="what the network is called", max_length=200)
    source: str | None = Field(None, description="where the architecture is published")
    question: str | None = Field(None, description="the exercise that this spec answers")
    input: Annotated[ShapeField, Field(description="H×W×C as in 224x224x3, or channels first as a list")]
    layers: Annotated[list[Any], Field(strict=False)]
    expect: Expect | None = Field(None, description="numbers that the whole network must have")


class ItemKeys(BaseModel):
    """What may stand in an item beside its layer."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", defer_build=True, regex_engine="python-re"
    )  # Rust's engine takes 20 ms to compile a counted \w

    name: Annotated[str, Field(pattern=f"^{NAME_PATTERN}$", description="the layer's name; unique")] | None = None
    repeat: Annotated[int, Field(ge=1, description="how many times in a row")] | None = None
    frozen: bool = Field(False, description="parameters are there but not trained")
    expect: Expect | None = Field(None, description="numbers that this layer must have")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of `layers`: a layer, once or several times in a row.

    Attributes:
        type: the layer type's own word (`fc` where `dense` is written).
        layer: its fields.
        keys: name, repeat, frozen, expect.
        index: position in the list.
        word: the word that the spec has for the type.

    """

    type: str
    layer: Layer
    keys: ItemKeys
    index: int
    word: str

    @property
    def path(self) -> Path:
        """Where the item stands in its document."""
        return ("layers", self.index)


@dataclass(frozen=True, slots=True)
class Spec:
    """One network as written, checked for everything that can be checked without shapes.

    Attributes:
        name: its name, or the file's.
        citation: where the architecture is published, as the spec says.
        question: the exercise's text.
        input: the input's shape, channels first.
        items: the layers as written.
        expect: numbers that the whole network must have.
        warnings: what is probably not meant.
        source: the text it comes from.
        document: the places of its entries.

    """

    name: str
    citation: str | None
    question: str | None
    input: Shape
    items: tuple[Item, ...]
    expect: Expect | None
    warnings: tuple[Problem, ...]
    source: Source
    document: Document

    def with_input(self, shape: Shape) -> Spec:
        """The same network on another input; its expectations are dropped, since they are not about this one."""
        items = tuple(replace(item, keys=item.keys.model_copy(update={"expect": None})) for item in self.items)
        return replace(self, input=shape, items=items, expect=None, warnings=())

    def refused(self, problems: list[Problem]) -> SpecError:
        """The error that says why this spec is refused, with places."""
        return refused(self.source, self.document, problems)


def refused(source: Source, document: Document, problems: list[Problem]) -> SpecError:
    """The error with all problems by their places; what is wrong as text is not reported a second time."""
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
