"""What libyaml says about a text that is not YAML, in plain words where it is one of the common mistakes."""

from __future__ import annotations

import re

import yaml

from shapecalc.problems import Position, Problem
from shapecalc.source.document import position

_SAYS_SOMETHING = re.compile(r"\s*[^\s#]")
_BARE = r"(?P<indent> *)(?P<item>(- +)?(?P<word>\w{1,64}))\s*(#.*)?"
"""A line with one word, and nothing else but a dash and a comment."""


def syntax_problem(error: yaml.MarkedYAMLError, text: str) -> Problem:
    """What the parser says, in plain words where it is one of the common mistakes."""
    mark = error.problem_mark or error.context_mark
    place = Position(1, 1) if mark is None else position(mark)
    begun = place if error.context_mark is None else position(error.context_mark)
    said = str(error.problem or error.context or "it cannot be parsed")
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    before, rest = line[: place.column - 1], line[place.column - 1 :]
    if "',' or '" in said and begun.line != place.line:
        message = f"`{lines[begun.line - 1][begun.column - 1]}` is not closed"
        advice: str | None = f"a comma or the closing bracket is missing before line {place.line}"
        place = begun
    elif "cannot start any token" in said:
        message, advice = _no_value(rest)
    elif "mapping values" in said:
        message, advice = _astray_colon(before, lines[: place.line - 1])
    elif "expected key" in said or "expected '-' indicator" in said:
        message, advice = _astray(before, lines[: place.line - 1])
    else:
        known = (row for row in _SYNTAX if row[0] in said)
        _, message, advice, at_start = next(known, ("", said, None, False))
        place = begun if at_start else place
    return Problem("yaml-syntax", f"this is not YAML: {message}", help=advice, position=place)


def _no_value(rest: str) -> tuple[str, str]:
    if rest.startswith("\t"):
        return "a tab stands where spaces indent", "indent with spaces"
    return f"no value begins with `{rest[:1]}`", 'put the value in quotes, as in ">= 200"'


def _astray_colon(before: str, above: list[str]) -> tuple[str, str]:
    if re.search(r"\w [\[{]", before):
        return "there is no `: ` before the bracket", "as in - conv: {…}"
    if before.lstrip().startswith("- "):
        return "the item is indented further than the one above it", "begin all items at the same column"
    if ": " in before:
        return "a second `: ` stands on the line", "put the text in quotes, or the mapping in braces"
    if bare := _bare(before, above):
        return bare
    return "there is no key for this `:`", "the key that the line belongs to ends in `:`, as in - conv:"


def _bare(before: str, above: list[str]) -> tuple[str, str] | None:
    """What is wrong where the nearest line above is one word, less indented, to which this line belongs."""
    found = re.fullmatch(_BARE, next((line for line in reversed(above) if _SAYS_SOMETHING.match(line)), ""))
    if found is None or len(found["indent"]) >= len(before) - len(before.lstrip(" ")):
        return None
    return f"`{found['word']}` above has no `:`, and this line belongs to it", f"write `{found['item']}:`"


def _astray(before: str, above: list[str]) -> tuple[str, str]:
    if before.strip(" "):
        return "nothing more is expected here", "quotes go around the whole text; a bracket closes once"
    if bare := _bare(before, above):
        return bare
    return "the line does not fit those above it", "indent it as the lines that it belongs with"


_SYNTAX: tuple[tuple[str, str, str | None, bool], ...] = (
    ("',' or '", "a comma or a closing bracket is missing before this", None, False),
    (
        "expected comment or line break",
        "`>` and `|` begin a text of several lines",
        'put the value in quotes, as in ">= 200"',
        True,
    ),
    ("could not find expected ':'", "there is no `: ` after this key", "write it as `key: value`", True),
    ("unexpected end of stream", "the quotation mark is not closed", None, True),
    ("unknown escape", "there is no such escape", "in single quotes a backslash is only a backslash", False),
    ("Unicode character escape", "there is no such character", None, False),
    ("expected node content", "a value is expected here", None, False),
    ("alphabetic or numeric", "`&` and `*` begin a YAML alias", "put the value in quotes", True),
    ("undefined tag handle", "`!` begins a tag", "put the value in quotes", True),
)
"""Part of what libyaml says, what we say, advice, and whether the mistake lies where the thing was begun."""
