"""A document's data to a spec: every fault that needs no shapes is found, and all are reported at once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from shapecalc.layers import LAYERS, OTHER_WORDS, Layer
from shapecalc.notation import Shape, hwc, shown
from shapecalc.problems import Path, Problem
from shapecalc.source import MAX_PROBLEMS, Document, Source
from shapecalc.spec import INPUT_NAME, Header, Item, ItemKeys, Spec, refused
from shapecalc.translate import did_you_mean, translated

_NO_KEYS = ItemKeys.model_construct()


def read_spec(source: Source, document: Document) -> Spec:
    """The spec in one document. SpecError with everything that is wrong in it."""
    problems = list(document.problems)
    if not document.is_complete or not isinstance(document.data, dict):
        if not problems:
            problems = [_not_a_mapping(document.data)]
        raise refused(source, document, problems)
    header = _header(document.data, problems)
    items = _Reader(problems, document).items(document.data.get("layers"))
    if header is None or any(problem.severity == "error" for problem in problems):
        raise refused(source, document, problems)
    warnings = [*problems, *_doubtful_input(document.data["input"], header.input)]
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


def _doubtful_input(written: object, shape: Shape) -> list[Problem]:
    """A warning where the channels seem to stand at the wrong end, or to be missing."""
    fixed = None
    if isinstance(written, list) and len(shape) >= 3 and shape[-1] <= 4 < shape[0]:
        message = f"the list {list(shape)} is read channels first, {shape[0]} channels; it looks channels last"
        fixed = f"write {_typed((shape[-1], *shape[:-1]))}, or {[shape[-1], *shape[:-1]]}"
    elif isinstance(written, str) and len(shape) == 3 and shape[1] <= 4 < shape[0]:
        message = f"{_typed(shape)} is read as height {shape[1]} and {shape[0]} channels; it looks channels first"
        fixed = f"write {_typed((shape[1], shape[2], shape[0]))}, or {[shape[1], shape[2], shape[0]]}"
    elif isinstance(written, str) and len(shape) == 2 and shape[0] == shape[1] > 4:
        message = (
            f"{_typed(shape)} is read as length {shape[1]} and {shape[0]} channels; the channels seem to be missing"
        )
        fixed = f"write {_typed((1, *shape))} for a grey image, {_typed((3, *shape))} for a coloured one"
    return [Problem("doubtful-input", message, ("input",), help=fixed, severity="warning")] if fixed else []


def _typed(shape: Shape) -> str:
    """The shape as it is typed in a spec."""
    return hwc(shape).replace("×", "x")


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
        self._claim_numbered(found)
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

    def _claim_numbered(self, items: list[Item]) -> None:
        """Reports names such as `a.0` that a repeated `a` makes as well."""
        repeated = {item.keys.name: item.keys.repeat for item in items if item.keys.repeat is not None}
        for item in items:
            base, dot, number = (item.keys.name or "").rpartition(".")
            if dot and number.isdecimal() and str(int(number)) == number and int(number) < repeated.get(base, 0):
                message = f"the name `{item.keys.name}` is given twice"
                advice = f"`{base}` repeats, which makes `{base}.0` and so on: choose another name"
                self._problems.append(Problem("duplicate-name", message, (*item.path, "name"), advice))

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
