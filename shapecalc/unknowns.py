"""Where a spec has ``?`` for a value that is not known yet, as in ``padding: "?"`` and ``input: "?x?x3"``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from shapecalc.layers.merge import MERGES
from shapecalc.notation import shown
from shapecalc.problems import Path, Problem
from shapecalc.source import Document, Source

UNKNOWN = re.compile(r"\?(?P<name>[A-Za-z_][A-Za-z0-9_]{0,63})?")
"""One unknown value: ``?``, or with a name ``?k``."""

TIMES = re.compile(r"\s*[x×]\s*")
"""What stands between the sizes of a shape; names of unknowns in a shape are without it."""

_SECTIONS = ("input", "vars", "blocks", "variants", "layers")
_WORDS = {"name", "from", "share", "join", "expect", "ask", *MERGES}
"""Keys of an item behind which no value stands."""


class Mark(NamedTuple):
    """A value with one unknown, or a shape with several: where it stands and what is written."""

    path: Path
    text: str


def marked(data: object, variant: str | None = None, settings: Mapping[str, Any] = MappingProxyType({})) -> list[Mark]:
    """Every unknown value of a document, in the order of its sections; what an alias repeats, once.

    Values of other variants are left out, and those that the chosen one or the settings put others in place of.
    """
    if not isinstance(data, dict):
        return []
    seen: set[int] = set()
    every = [mark for key in _SECTIONS if key in data for mark in _below(data[key], (key,), seen)]
    return [mark for mark in every if not _is_overridden(mark.path, data, variant, settings)]


def _is_overridden(path: Path, data: dict[str, Any], variant: str | None, settings: Mapping[str, Any]) -> bool:
    if path[0] == "variants":
        return path[1:2] != (variant,) or any(name in settings for name in path[2:3])
    said = of_variant(data, variant)
    if path[0] == "vars":
        return any(name in settings or name in said for name in path[1:2])
    return path[0] == "input" and "input" in said


def of_variant(data: dict[str, Any], variant: str | None) -> dict[str, Any]:
    """What the chosen variant says; nothing where there is none."""
    variants = data.get("variants")
    chosen = variants.get(variant) if isinstance(variants, dict) and variant is not None else None
    return chosen if isinstance(chosen, dict) else {}


def is_shape(path: Path) -> bool:
    """Whether the value at the path is an input's shape, whose text may hold unknown sizes."""
    if path[0] == "variants":
        path = path[2:]
    return path[:1] == ("input",) and not isinstance(path[-1], int)


def unsolved(source: Source, document: Document, variant: str | None, settings: Mapping[str, Any]) -> list[Problem]:
    """A problem for each unknown value, for whoever wants the network's numbers."""
    found = {problem.path: problem for problem in map(_problem, marked(document.data, variant, settings))}
    return [problem._replace(position=document.locate(path)) for path, problem in found.items()]


def _problem(mark: Mark) -> Problem:
    """At the value that a field has as a whole, where other problems with it would be; with a place, it is the only."""
    path = mark.path
    while isinstance(path[-1], int):
        path = path[:-1]
    message = f"`{path[-1]}` is not known yet: {shown(mark.text)} stands there"
    return Problem(
        "no-value", message, path, "`shapecalc solve` finds the values that give what is expected; or write one"
    )


def _below(node: Any, path: Path, seen: set[int]) -> Iterator[Mark]:
    if isinstance(node, str):
        if _is_unknown_shape(node) if is_shape(path) else UNKNOWN.fullmatch(node.strip()):
            yield Mark(path, node)
        return
    if not isinstance(node, dict | list) or id(node) in seen:
        return
    seen.add(id(node))
    in_an_item = path[0] in ("layers", "blocks") and isinstance(path[-1], int)
    for key, each in node.items() if isinstance(node, dict) else enumerate(node):
        is_value = not (in_an_item and key in _WORDS) and not (path[0] == "variants" and key == "expect")
        if is_value and not (isinstance(each, str) and _is_item(path, key)):
            yield from _below(each, (*path, key), seen)


def _is_unknown_shape(text: str) -> bool:
    parts = TIMES.split(text.strip())
    return "?" in text and all(UNKNOWN.fullmatch(part) or part.replace("_", "").isdecimal() for part in parts)


def _is_item(path: Path, key: str | int) -> bool:
    """Whether an entry of a list is an item, whose text is a word and no value."""
    return isinstance(key, int) and (path[-1] == "layers" or path[-2:-1] == ("parallel",))
