"""A document's data with the place of every key and value beside it, and the text that the places are in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from shapecalc.problems import Diagnostic, Path, Position, Problem
from shapecalc.source.commas import comma_advice

MAX_WIDTH = 1000
"""Characters of a line that are looked at for the end of a marked token."""

UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE  # libyaml refuses the same, but does not say where
_QUOTED = re.compile(r"""'[^']*(?:''[^']*)*'|"[^"\\]*(?:\\.[^"\\]*)*["]""")
_MARKER = re.compile(r"[&*!][^\s,\[\]{}]*|:(?=\s|$)")
_WORD = re.compile(r"\S.*?(?=\s#|:\s|:$|$)")
_WORD_IN_BRACKETS = re.compile(r"\S.*?(?=\s#|:\s|:$|[,\[\]{}]|$)")
_BRACKETS = re.compile(rf"{_QUOTED.pattern}|(?P<open>[\[{{])|(?P<close>[\]}}])")


class Marks(NamedTuple):
    """Where the entries of one mapping or list stand; `keys` is empty for a list."""

    keys: dict[str | int, Any]
    values: dict[str | int, Any]


@dataclass(slots=True)
class Document:
    """One YAML document: its data, where everything stands, and what was wrong with its text.

    Where it is not complete, the rest of it could not be read, and only that is worth reporting.
    """

    data: Any = None
    line: int = 1
    column: int = 1
    problems: list[Problem] = field(default_factory=list)
    is_complete: bool = True
    marks: dict[int, Marks] = field(default_factory=dict, repr=False)
    kept: list[object] = field(default_factory=list, repr=False)  # keeps the ids in marks alive
    _lists: dict[Path, Marks] = field(default_factory=dict, repr=False)

    def locate(self, path: Path, *, on_key: bool = False) -> Position:
        """The place of the value at `path` (or of its key), or of the nearest thing above it."""
        node, mark = self.data, None
        for step in path:
            marks = self.marks.get(id(node)) if isinstance(node, dict | list) else None
            if marks is None or step not in marks.values:
                break
            wanted = marks.keys if on_key and step in marks.keys else marks.values
            mark = wanted[step]
            node = node.get(step) if isinstance(node, dict) else node[step]  # `<<` has a place and no value
        return Position(self.line, self.column) if mark is None else position(mark)

    def line_of(self, path: Path) -> int:
        """The line of an entry of a list; as `locate`, for many entries of few lists."""
        marks = self._lists.get(path[:-1])
        if marks is None:
            node = self.data
            for step in path[:-1]:
                node = node[step]
            marks = self._lists[path[:-1]] = self.marks[id(node)]
        line: int = marks.values[path[-1]].line + 1
        return line


@dataclass(frozen=True)
class Source:
    """A text under the name that the user gave it, the documents in it, and the folder of its file."""

    name: str
    text: str
    documents: tuple[Document, ...]
    folder: str | None = None

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines, without their ends."""
        return self.text.splitlines()

    def diagnostic(self, problem: Problem, document: Document) -> Diagnostic:
        """The problem with its line, column and the text that the marker underlines."""
        place = problem.position or document.locate(problem.path, on_key=problem.on_key)
        line = self._line(place)
        depths = range(len(problem.path) + (problem.position is not None))  # with a place of its own: all are around it
        above = (document.locate(problem.path[:depth]) for depth in depths)
        in_brackets = any(self._line(each)[each.column - 1 :].startswith(("[", "{")) for each in above)
        width = _width(line[place.column - 1 :][:MAX_WIDTH].rstrip(), in_brackets=in_brackets)
        if problem.code in ("unknown-field", "duplicate-key") and in_brackets:
            problem = problem._replace(help=comma_advice(line, place) or problem.help)
        return Diagnostic(self.name, place.line, place.column, problem, UNPRINTABLE.sub("�", line), width)

    def _line(self, place: Position) -> str:
        return self.lines[place.line - 1] if place.line <= len(self.lines) else ""


def _width(rest: str, *, in_brackets: bool) -> int:
    """How many characters the first token has: a word, a quotation, or brackets with what is in them."""
    if rest.startswith(("[", "{")):
        depth = 0
        for found in _BRACKETS.finditer(rest):
            depth += (found["open"] is not None) - (found["close"] is not None)
            if depth == 0:
                return found.end()
        return len(rest)
    word = _WORD_IN_BRACKETS if in_brackets else _WORD
    token = _QUOTED.match(rest) or _MARKER.match(rest) or word.match(rest)
    return len(token.group().rstrip()) if token else 1


def position(mark: Any) -> Position:
    """The place of a mark of PyYAML's, which counts from 0."""
    return Position(mark.line + 1, mark.column + 1)
