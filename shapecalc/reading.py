"""A document's data to a spec: every fault that needs no shapes is found, and all are reported at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from shapecalc.doubtful import doubtful_input
from shapecalc.expectation import Expect
from shapecalc.files import Unreadable, read_included
from shapecalc.items import PARALLEL, ItemReader, fault_of_key
from shapecalc.layers import LAYERS, OTHER_WORDS
from shapecalc.layers.merge import MERGES
from shapecalc.notation import Shape, shown
from shapecalc.problems import Path, Problem
from shapecalc.source import Document, Source
from shapecalc.spec import INPUT_NAME, REQUIRED, VARIABLE_PATTERN, Block, BlockKeys, Header, Home, Spec
from shapecalc.translate import did_you_mean, translated

RESERVED = ("input", "expect")
"""Keys of a variant that are not variables."""

ARRIVING = ("in_channels", "in_shape")
"""What expressions call the shape that arrives."""


class Choice(NamedTuple):
    """Which of a spec's networks is wanted: a variant by name, and variables by value."""

    variant: str | None = None
    settings: Mapping[str, Any] = {}


def read_spec(source: Source, document: Document, choice: Choice = Choice()) -> Spec:  # noqa: B008 (it is frozen)
    """The spec in one document. SpecError with everything that is wrong in it."""
    home = Home(source, document)
    problems = list(document.problems)
    if "?" in source.text:
        from shapecalc.unknowns import unsolved  # noqa: PLC0415 (most specs have no unknown value)

        problems += unsolved(source, document, choice.variant, choice.settings)
    if not document.is_complete or not isinstance(document.data, dict):
        if not problems:
            problems = [_not_a_mapping(document.data)]
        raise home.refused(problems)
    data = document.data
    header = _header(data, problems)
    blocks = _Blocks(home, problems)
    for number, name in enumerate(header.include if header else ()):
        blocks.include(name, ("include", number))
    blocks.read(data.get("blocks"))
    items = ItemReader(home, problems, blocks.defaults).items(data.get("layers"), ("layers",))
    variant = _variant(header, choice, problems) if header else {}
    if header is None or any(problem.severity == "error" for problem in problems):
        raise home.refused(problems)
    return Spec(
        name=_name(header, source, choice.variant),
        citation=header.source,
        question=header.question,
        inputs=_inputs(variant.get("input", header.input)),
        items=items,
        expect=variant.get("expect", header.expect),
        warnings=(*problems, *doubtful_input(data["input"], header.input)),
        home=home,
        vars={**header.vars, **{k: v for k, v in variant.items() if k not in RESERVED}, **choice.settings},
        blocks=blocks.blocks,
        variants=tuple(header.variants),
        expect_path=("variants", choice.variant or "", "expect") if "expect" in variant else ("expect",),
        ask=header.ask,
    )


def _name(header: Header, source: Source, variant: str | None) -> str:
    name = header.name or source.name
    return f"{name} {variant}" if variant else name


def _inputs(written: Shape | dict[str, Shape]) -> dict[str, Shape]:
    return written if isinstance(written, dict) else {INPUT_NAME: written}


def _not_a_mapping(data: object) -> Problem:
    advice = "a spec is a mapping that begins with `input:` and `layers:`"
    if data is None:
        return Problem("empty", "there is no spec here: the document is empty", help=advice)
    return Problem("not-a-mapping", f"a spec is a mapping, not {shown(data)}", help=advice)


def _header(data: dict[str, Any], problems: list[Problem]) -> Header | None:
    try:
        header = Header.model_validate(data)
    except ValidationError as error:
        found = [_header_problem(problem) for problem in translated(error, Header, (), "a spec")]
        problems += _without_pattern(found) + _bad_variables(data.get("vars"), ())
        return None
    problems += _bad_variables(data.get("vars"), ())
    if isinstance(header.input, dict):
        problems += _names_of_inputs(data["layers"], header.input)
    if not header.layers:
        problems.append(Problem("empty", "`layers` is empty", ("layers",), help="begin with a layer, as in - conv: …"))
    return header


def _header_problem(problem: Problem) -> Problem:
    """The problem of a spec's key, with advice where a layer stands among them."""
    key = problem.path[-1] if problem.path else ""
    if problem.code != "unknown-field" or key not in (*LAYERS, *OTHER_WORDS, *MERGES):
        return problem
    return problem._replace(help=f"`{key}` is a layer: it goes below `layers:`, as in - {key}: …")


def _bad_variables(written: object, path: Path) -> list[Problem]:
    """A problem for each variable that expressions could not say, or that is theirs already."""
    found = []
    for name in written if isinstance(written, dict) else ():
        place = (*path, "vars", name)
        if not re.fullmatch(VARIABLE_PATTERN, name):
            message = f"{shown(name)} is no name of a variable: a letter, then letters, digits and _, up to 64 in all"
            found.append(Problem("bad-name", f"{message}, are wanted", place, on_key=True))
        elif iskeyword(name) or name in ARRIVING:
            meaning = "the shape that arrives" if name in ARRIVING else "a word of expressions"
            message = f"`{name}` is {meaning}, so no variable can have that name"
            found.append(Problem("bad-name", message, place, "choose another name", on_key=True))
    return found


def _without_pattern(problems: list[Problem]) -> list[Problem]:
    """All but pydantic's own words on the names of variables, which `_bad_variables` finds too."""
    return [each for each in problems if not (each.code == "bad-name" and each.path[-1:] == ("vars",))]


def _names_of_inputs(layers: list[Any], inputs: Mapping[str, Shape]) -> list[Problem]:
    """A problem for each item that is called like one of several inputs."""
    found = []
    for number, each in enumerate(layers):
        name = each.get("name") if isinstance(each, dict) else None
        if isinstance(name, str) and name in inputs and name != INPUT_NAME:
            message, path = f"`{name}` is the name of an input", ("layers", number, "name")
            found.append(Problem("duplicate-name", message, path, "choose another name"))
    return found


def _variant(header: Header, choice: Choice, problems: list[Problem]) -> dict[str, Any]:
    """What the chosen variant says, its input and expectations read."""
    if choice.variant is not None and choice.variant not in header.variants:
        known = list(header.variants)
        advice = did_you_mean(choice.variant, known) or f"variants: {', '.join(known) or 'none'}"
        message = f"there is no variant {shown(choice.variant)}"
        problems.append(Problem("unknown-variant", message, ("variants",), advice, on_key=True))
        return {}
    for name in choice.settings:
        if name not in header.vars:
            advice = did_you_mean(name, list(header.vars)) or f"variables: {', '.join(header.vars) or 'none'}"
            problems.append(Problem("unknown-variable", f"there is no variable {shown(name)}", ("vars",), advice))
    found: dict[str, Any] = {}
    for name, written in header.variants.items():
        read = _read_variant(name, written, header, problems)
        found = read if name == choice.variant else found
    return found


def _read_variant(name: str, written: dict[str, Any], header: Header, problems: list[Problem]) -> dict[str, Any]:
    path: Path = ("variants", name)
    for key in written:
        if key not in header.vars and key not in RESERVED:
            advice = did_you_mean(key, [*header.vars, *RESERVED]) or f"variables: {', '.join(header.vars) or 'none'}"
            message = f"there is no variable {shown(key)}"
            problems.append(Problem("unknown-variable", message, (*path, key), advice, on_key=True))
    read = dict(written)
    if "input" in written:
        read["input"] = _checked(Header, {"input": written["input"], "layers": [0]}, path, problems).get("input")
    if "expect" in written:
        read["expect"] = Expect.model_construct(**_checked(Expect, written["expect"], (*path, "expect"), problems))
    return read


def _checked(model: type[BaseModel], written: Any, path: Path, problems: list[Problem]) -> dict[str, Any]:
    """The fields that were given, or none, and what is wrong with them among the problems."""
    try:
        read = model.model_validate(written)
    except ValidationError as error:
        problems += translated(error, model, path, f"`{path[-1]}`")
        return {}
    return {name: getattr(read, name) for name in read.model_fields_set}


def _is_layer(name: str) -> bool:
    return name in LAYERS or name in OTHER_WORDS or name in MERGES or name == PARALLEL


class _Blocks:
    """The blocks of a spec: their variables first, since items anywhere may call them, then what is in them."""

    def __init__(self, home: Home, problems: list[Problem]) -> None:
        self._home = home
        self._problems = problems
        self.defaults: dict[str, Mapping[str, Any] | None] = {}  # None: of a block that is wrong
        self.blocks: dict[str, Block] = {}

    def include(self, name: str, path: Path) -> None:
        """Reads the blocks of another file. SpecError where something in it is wrong."""
        try:
            source = read_included(name, self._home.source)
        except Unreadable as error:
            self._problems.append(Problem("bad-include", str(error), path, error.help))
            return
        document = source.documents[0]
        home, problems = Home(source, document), list(document.problems)
        written = document.data.get("blocks") if isinstance(document.data, dict) else None
        if not problems and (not isinstance(document.data, dict) or set(document.data) != {"blocks"}):
            message = "an included file holds `blocks` and nothing else"
            problems = [Problem("bad-include", message)]
        included = _Blocks(home, problems)
        included.defaults, included.blocks = dict(self.defaults), dict(self.blocks)
        included.read(written)
        if problems:
            raise home.refused(problems)
        self.defaults, self.blocks = included.defaults, included.blocks

    def read(self, written: object) -> None:
        """Reads what stands under `blocks`; what is wrong in it is among the problems."""
        if not isinstance(written, dict):
            return
        for name, each in written.items():
            keys = self._keys(name, each)
            if keys is not None:
                self.defaults[name] = {k: REQUIRED if v is None else v for k, v in keys.vars.items()}
            elif not _is_layer(name):
                self.defaults[name] = None
        reader = ItemReader(self._home, self._problems, self.defaults)
        for name in written:
            defaults = self.defaults.get(name)
            if defaults is None:
                continue
            path: Path = ("blocks", name)
            items = reader.items(written[name]["layers"], (*path, "layers"), block=name)
            self.blocks[name] = Block(name, defaults, items, path, self._home)
        self._problems += reader.cycles()

    def _keys(self, name: str, written: object) -> BlockKeys | None:
        path: Path = ("blocks", name)
        if _is_layer(name):
            message = f"`{name}` is a layer type, so no block can have that name"
            self._problems.append(Problem("bad-name", message, path, "choose another name", on_key=True))
            return None
        fault = fault_of_key(name)
        if fault is not None:
            self._problems.append(Problem("bad-name", fault, path, on_key=True))
            return None
        if not isinstance(written, dict):
            message = f"a block is a mapping with `layers`, not {shown(written)}"
            self._problems.append(Problem("wrong-type", message, path))
            return None
        self._problems += _bad_variables(written.get("vars"), path)
        try:
            return BlockKeys.model_validate(written)
        except ValidationError as error:
            self._problems += _without_pattern(translated(error, BlockKeys, path, f"the block `{name}`"))
            return None
