"""Where a key stands in a TOML text, whose readers keep no places."""

from __future__ import annotations

import re

from shapecalc.problems import Path, Position

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def place_of(text: str, path: Path) -> Position:
    r"""The place of the key at `path`, or of the nearest thing above it that has a line of its own.

    >>> place_of('[tool.x]\na = 1\n[[tool.x.b]]\nc = 2\n', ("tool", "x", "b", 0, "c"))
    Position(line=4, column=1)
    """
    best, place = 0, Position(1, 1)
    for here, line, column in _keys(text):
        common = _common(here, path)
        if common == len(here) and common > best:
            best, place = common, Position(line, column)
    return place


def _common(first: Path, second: Path) -> int:
    same = [a == b for a, b in zip(first, second, strict=False)]
    return len(same) if all(same) else same.index(False)


def _keys(text: str) -> list[tuple[Path, int, int]]:
    """Every table and key that begins a line: its path, line and column."""
    found: list[tuple[Path, int, int]] = []
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.append((table, number, line.index("[") + 1))
        elif key:
            found.append(((*table, *_parts(key[1])), number, key.start(1) + 1))
    return found


def _parts(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
