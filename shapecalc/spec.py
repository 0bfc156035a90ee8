"""The spec language: a document's data to layers with their names, every fault reported at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shapecalc.expectation import Expect
from shapecalc.layers import LAYERS, OTHER_WORDS, Layer
from shapecalc.layers.fields import ShapeField
from shapecalc.notation import Shape, hwc, shown
from shapecalc.problems import Path, Position, Problem, SpecError
from shapecalc.source import MAX_PROBLEMS, Document, Source, too_many_problems
from shapecalc.translate import did_you_mean, translated

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


_NO_KEYS = ItemKeys.model_construct()


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
        return _refused(self.source, self.document, problems)


def read_spec(source: Source, document: Document) -> Spec:
    """The spec in one document. SpecError with everything that is wrong in it."""
    problems = list(document.problems)
    if not document.is_complete or not isinstance(document.data, dict):
        if not problems:
            problems = [_not_a_mapping(document.data)]
        raise _refused(source, document, problems)
    header = _header(document.data, problems)
    items = _Reader(problems, document).items(document.data.get("layers"))
    if header is None or any(problem.severity == "error" for problem in problems):
        raise _refused(source, document, problems)
    warnings = [*problems, *_channels_last(document.data["input"], header.input)]
    name = header.name or source.name
    return Spec(
        name,
        header.source,
        header.question,
        header.input,
        tuple(items),
        header.expect,
        tuple(warnings),
        source,
        document,
    )


def _refused(source: Source, document: Document, problems: list[Problem]) -> SpecError:
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


def _not_a_mapping(data: object) -> Problem:
    advice = "a spec is a mapping that begins with `input:` and `layers:`"
    if data is None:
        return Problem("empty", "there is no spec here: the document is empty", help=advice)
    return Problem("not-a-mapping", f"a spec is a mapping, not {shown(data)}", help=advice)


def _header(data: dict[str, Any], problems: list[Problem]) -> Header | None:
    try:
        header = Header.model_validate(data)
    except ValidationError as error:
        problems += [_header_problem(problem) for problem in translated(error, Header, (), "a spec")]
        return None
    if not header.layers:
        problems.append(Problem("empty", "`layers` is empty", ("layers",), help="begin with a layer, as in - conv: …"))
    return header


def _header_problem(problem: Problem) -> Problem:
    """The problem of a spec's key, with advice where a layer stands among them."""
    key = problem.path[-1] if problem.path else ""
    if problem.code != "unknown-field" or key not in (*LAYERS, *OTHER_WORDS):
        return problem
    return replace(problem, help=f"`{key}` is a layer: it goes below `layers:`, as in - {key}: …")


def _channels_last(written: object, shape: Shape) -> list[Problem]:
    """A warning where a list seems to have its channels at the end, as in [224, 224, 3]."""
    if not isinstance(written, list) or len(shape) < 3 or shape[-1] > 4 or shape[0] <= 4:
        return []
    message = f"the list {list(shape)} is read channels first, {shape[0]} channels; it looks channels last"
    fixed = f"write {hwc((shape[-1], *shape[:-1])).replace('×', 'x')}, or {[shape[-1], *shape[:-1]]}"
    return [Problem("channels-last", message, ("input",), help=fixed, severity="warning")]


class _Reader:
    """Reads the items of one spec; equal layers become one object, so that they are computed once."""

    def __init__(self, problems: list[Problem], document: Document) -> None:
        self._problems = problems
        self._document = document
        self._layers: dict[tuple[str, str], Layer] = {}
        self._names: dict[str, int] = {}

    def items(self, written: object) -> list[Item]:
        """The items that could be read; what is wrong with the others is among the problems."""
        if not isinstance(written, list):
            return []
        found = []
        for index, each in enumerate(written):
            item = self._item(each, index)
            if item is not None:
                found.append(item)
            if len(self._problems) > MAX_PROBLEMS:
                break
        return found

    def _item(self, written: object, index: int) -> Item | None:
        path: Path = ("layers", index)
        if isinstance(written, str):
            return self._made(written, None, _NO_KEYS, path)
        if not isinstance(written, dict):
            advice = "an item is a word as in - relu, or a mapping as in - conv: {…}"
            self._problems.append(Problem("wrong-type", f"{shown(written)} is no layer", path, advice))
            return None
        words = [key for key in written if key in LAYERS or key in OTHER_WORDS]
        beside = {key: value for key, value in written.items() if key not in words}
        if len(words) != 1:
            self._problems.append(_no_single_layer(words, beside, path))
            return None
        word = words[0]
        keys = self._keys(beside, word, path) if beside else _NO_KEYS
        if any(_is_field(key, word) for key in beside):  # reported; without it the layer would lack it
            return None
        return self._made(word, written[word], keys, path)

    def _keys(self, beside: dict[str, Any], word: str, path: Path) -> ItemKeys | None:
        try:
            keys = ItemKeys.model_validate(beside)
        except ValidationError as error:
            for problem in translated(error, ItemKeys, path, "an item"):
                self._problems.append(_item_problem(problem, word))
            return None
        if keys.name is not None:
            self._claim(keys.name, path)
        return keys

    def _claim(self, name: str, path: Path) -> None:
        first = self._names.setdefault(name, int(path[1]))
        if name == INPUT_NAME:
            message = f"`{INPUT_NAME}` is the name of the network's input"
            self._problems.append(Problem("duplicate-name", message, (*path, "name"), "choose another name"))
        elif first != path[1]:
            message = f"the name `{name}` is given twice"
            line = self._document.locate(("layers", first, "name")).line
            advice = f"the layer in line {line} has it already"
            self._problems.append(Problem("duplicate-name", message, (*path, "name"), advice))

    def _made(self, word: str, written: Any, keys: ItemKeys | None, path: Path) -> Item | None:
        kind = OTHER_WORDS.get(word, word)
        if kind not in LAYERS:
            self._problems.append(_unknown_layer(word, path))
            return None
        place = (*path, word)
        cached = (word, repr(written))
        layer = self._layers.get(cached)
        if layer is None:
            layer = self._layer(word, LAYERS[kind], written, place)
        if layer is None or keys is None:
            return None
        self._layers[cached] = layer
        return Item(kind, layer, keys, int(path[1]), word)

    def _layer(self, word: str, model: type[Layer], written: Any, place: Path) -> Layer | None:
        fields = _fields(model, written)
        if fields is None:
            message, advice = (
                f"`{word}` has no field that {shown(written)} could stand for",
                _needs(model, word),
            )
            self._problems.append(Problem("wrong-type", message, place, advice))
            return None
        before = len(self._problems)
        words: dict[str, str] = {}
        for key in fields:
            first = words.setdefault(model.aliases.get(key, key), key)
            if first != key:
                message = f"`{key}` is another word for `{first}`, which is given too"
                problem = Problem("duplicate-key", message, (*place, key), "keep one", on_key=True)
                self._problems.append(problem)
        try:
            layer = model.model_validate({name: fields[key] for name, key in words.items()})
        except ValidationError as error:
            for problem in translated(error, model, place, f"`{word}`"):
                self._problems.append(_as_written(problem, words, written, place))
            return None
        return layer if len(self._problems) == before else None


def _fields(model: type[Layer], written: Any) -> dict[str, Any] | None:
    """The fields by name; a bare value stands for the type's first field. None where there is none."""
    if written is None:
        return {}
    if isinstance(written, dict):
        return written
    return None if model.bare is None else {model.bare: written}


def _as_written(problem: Problem, words: dict[str, str], written: Any, place: Path) -> Problem:
    """The problem at the word that the user wrote: an alias of the field, or no word at all."""
    at = len(place)
    if len(problem.path) <= at:
        return problem
    field, *rest = problem.path[at:]
    if not isinstance(written, dict):
        return replace(problem, path=(*place, *rest))
    word = words.get(str(field), field)
    message = problem.message.replace(f"`{field}`:", f"`{word}`:", 1)
    return replace(problem, path=(*place, word, *rest), message=message)


def _needs(model: type[Layer], word: str) -> str:
    if not model.model_fields:
        return f"write - {word}"
    return f"give its fields by name, as in {word}: {{{next(iter(model.model_fields))}: …}}"


def _unknown_layer(word: str, path: Path) -> Problem:
    advice = (
        _run_together(word) or did_you_mean(word, [*LAYERS, *OTHER_WORDS]) or "`shapecalc schema` lists the layer types"
    )
    return Problem("unknown-layer", f"{shown(word)} is not a layer type", (*path, word), advice, on_key=True)


def _run_together(word: str) -> str | None:
    """Advice where YAML took more for the layer's word than was meant."""
    if " - " in word:
        return "two items are read as one text: begin both at the same column"
    first, separator = re.split(r"([:{ ])", word, maxsplit=1)[:2] if re.search("[:{ ]", word) else (word, "")
    if not separator or first not in (*LAYERS, *OTHER_WORDS):
        return None
    return f"a space goes after the colon: `{first}: `" if separator == ":" else f"write `{first}: ` before its fields"


def _no_single_layer(words: list[str], beside: dict[str, Any], path: Path) -> Problem:
    if words:
        named = ", ".join(f"`{word}`" for word in words)
        message = f"an item has one layer, not {len(words)}: {named}"
        return Problem("several-layers", message, (*path, words[1]), "give each its own `- `", on_key=True)
    strange = [key for key in beside if key not in ItemKeys.model_fields]
    field = next((key for key in strange if any(_is_field(key, word) for word in LAYERS)), None)
    near = next((key for key in strange if did_you_mean(key, [*LAYERS, *OTHER_WORDS])), None)
    if field is not None and near in (None, field):
        message = f"`{field}` is a field, but the item has no layer"
        return Problem("no-layer", message, (*path, field), "begin with the layer, as in - conv:", on_key=True)
    if strange:
        return _unknown_layer(near or strange[0], path)
    return Problem("no-layer", "the item has no layer", path, "add one, as in - conv: {…}")


def _is_field(key: str, word: str) -> bool:
    """Whether the layer has a field of that name, or another word for it."""
    layer = LAYERS[OTHER_WORDS.get(word, word)]
    return key in layer.aliases or any(key == (info.alias or name) for name, info in layer.model_fields.items())


def _item_problem(problem: Problem, word: str) -> Problem:
    """The problem of an item's key, with advice where a layer's field stands beside the layer."""
    key = str(problem.path[-1])
    if problem.path[-2] == "expect":
        return problem
    if problem.code == "unknown-field" and _is_field(key, word):
        message = f"`{key}` stands beside `{word}`, not in it"
        return replace(problem, message=message, help=f"indent it below `{word}:`, or write it in its braces")
    if key == "name":
        message = "`name`: a letter, then letters, digits and _ - . /, up to 64 in all, are wanted"
        return Problem("bad-name", message, problem.path)
    return problem
