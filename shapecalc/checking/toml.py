"""Where a key stands in a TOML text, whose readers keep no places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from shapecalc.problems import Path, Position

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


_TOKEN = re.compile(
    r""""{3}(?:\\.|[^\\])*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|[\[\]{},]|[^\s\[\]{},"'\#]+|.""",
    re.DOTALL,
)
"""A string of one of the four kinds, a comment, a bracket, a comma, or another word."""


class _Key(NamedTuple):
    """A table or key that begins a line.

    Attributes:
        path: its own.
        place: of its first character.
        value: where in the text the value begins; None for a table.
    """

    path: Path
    place: Position
    value: int | None


def place_of(text: str, path: Path) -> Position:
    r"""The place of the key at `path`, or of the entry of its list; else of the nearest thing above it.

    >>> place_of('[tool.x]\na = 1\n[[tool.x.b]]\nc = 2\n', ("tool", "x", "b", 0, "c"))
    Position(line=4, column=1)
    >>> place_of('[tool.x]\na = ["b",\n     "c"]\n', ("tool", "x", "a", 1))
    Position(line=3, column=6)
    """
    best = _Key((), Position(1, 1), None)
    for key in _keys(text):
        if len(key.path) > len(best.path) and key.path == path[: len(key.path)]:
            best = key
    depth = len(best.path)
    number = path[depth] if depth < len(path) else None
    if best.value is None or not isinstance(number, int):
        return best.place
    entries = list(islice(_entries(text, best.value), number + 1))
    return _position(text, entries[number]) if number < len(entries) else best.place


def _position(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _entries(text: str, begin: int) -> Iterator[int]:
    """Where in the text each entry of the list begins that begins there; nothing where no list does."""
    depth, is_before = 0, False
    for found in _TOKEN.finditer(text, begin):
        token = found.group()
        if token.isspace() or token.startswith("#"):
            continue
        if depth == 0 and token != "[":
            return
        if depth == 1 and is_before and token not in ",]":
            yield found.start()
        is_before = (depth == 0 or token == ",") if depth < 2 else False
        depth += (token in "[{") - (token in "]}")
        if depth == 0:
            return


def _keys(text: str) -> Iterator[_Key]:
    """Every table and key that begins a line."""
    table: Path = ()
    counts: dict[Path, int] = {}
    offset = 0
    for number, line in enumerate(text.split("\n"), 1):
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield _Key(table, Position(number, line.index("[") + 1), None)
        elif key:
            yield _Key((*table, *_parts(key[1])), Position(number, key.start(1) + 1), offset + key.end())
        offset += len(line) + 1


def _parts(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
